#![allow(clippy::panic)]

use std::time::Duration;

use super::*;

fn read(role: Role, allowed: &[&str], text: &str) -> (CreateOptions, Vec<String>, Vec<Wrong>) {
    let allowed: Vec<String> = allowed.iter().map(ToString::to_string).collect();
    let mut reader = OptionReader::new(role, &allowed);
    reader.text(text);
    (reader.options, reader.notes, reader.wrong)
}

#[test]
fn the_usual_options_of_a_service() {
    let (options, notes, wrong) = read(
        Role::Service,
        &["--pids-limit=-1"],
        r#"--health-cmd "pg_isready -U app" --health-interval 10s --health-timeout=5s
           --health-retries 5 --health-start-period 1m -e A=b=c -eB= --tmpfs /x:rw,size=1m
           --shm-size 256mb -m 1g --cpus 1.5 --ulimit nofile=1024:2048 --hostname db
           --network-alias other --user 999 -w /srv --init --read-only -p 5433:5432 --expose 80
           --label a=b --pids-limit -1 --stop-signal SIGINT --add-host x:1.2.3.4 --name pg
           --entrypoint /run.sh --restart always -v db:/data -it"#,
    );
    assert_eq!(wrong, []);
    assert_eq!(
        notes,
        [
            "the option `--name` has no effect here",
            "the option `--restart` has no effect here",
            "the option `--interactive` has no effect here",
            "the option `--tty` has no effect here",
        ]
    );
    assert_eq!(options.health.command.as_deref(), Some("pg_isready -U app"));
    assert_eq!(options.health.interval, Some(Duration::from_secs(10)));
    assert_eq!(options.health.timeout, Some(Duration::from_secs(5)));
    assert_eq!(options.health.start_period, Some(Duration::from_secs(60)));
    assert_eq!(options.health.retries, Some(5));
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(options.env, [pair("A", "b=c"), pair("B", "")]);
    assert_eq!(options.shm, Some(256 << 20));
    assert_eq!(options.memory, Some(1 << 30));
    assert_eq!(options.nano_cpus, Some(1_500_000_000));
    assert_eq!(options.ulimits.len(), 1);
    assert_eq!(options.hostname.as_deref(), Some("db"));
    assert_eq!(options.aliases, ["other"]);
    assert_eq!(options.user.as_deref(), Some("999"));
    assert_eq!(options.entrypoint.as_deref(), Some("/run.sh"));
    assert!(options.init && options.read_only);
    assert_eq!(
        options.ports.first().map(|port| port.host),
        Some(Some(5433))
    );
    assert_eq!(options.exposed.first().map(|port| port.container), Some(80));
    assert_eq!(options.pids, Some(-1));
    assert_eq!(options.hosts, ["x:1.2.3.4"]);
    assert_eq!(options.mounts.len(), 2);
}

#[test]
fn rights_over_the_machine_are_refused_unless_granted() {
    for (text, cause, option) in [
        ("--privileged", Cause::PrivilegedOption, "--privileged"),
        (
            "--cap-add cap_net_admin",
            Cause::PrivilegedOption,
            "--cap-add=NET_ADMIN",
        ),
        (
            "--device /dev/kvm",
            Cause::PrivilegedOption,
            "--device=/dev/kvm",
        ),
        ("--pid=host", Cause::PrivilegedOption, "--pid=host"),
        ("--ipc host", Cause::PrivilegedOption, "--ipc=host"),
        (
            "--security-opt seccomp=unconfined",
            Cause::PrivilegedOption,
            "--security-opt=seccomp=unconfined",
        ),
        (
            "-v /etc:/host:ro",
            Cause::PrivilegedOption,
            "--volume=/etc:/host:ro",
        ),
        (
            "--mount type=bind,src=/etc,dst=/host",
            Cause::PrivilegedOption,
            "--volume=/etc:/host",
        ),
        (
            "-v /var/run/docker.sock:/var/run/docker.sock",
            Cause::DockerSocket,
            "--volume=/var/run/docker.sock:/var/run/docker.sock",
        ),
    ] {
        let (options, _, wrong) = read(Role::Job, &[], text);
        assert_eq!(options, CreateOptions::default(), "{text}");
        let [only] = wrong.as_slice() else {
            panic!("{text}: {wrong:?}")
        };
        assert_eq!(only.cause, cause, "{text}");
        assert!(only.message.contains(option), "{}", only.message);
        assert!(only.hint.contains(&format!("allow = [\"{option}\"]")));
        assert_eq!(allowed_option(option).as_deref(), Ok(option));
        let (options, _, wrong) = read(Role::Job, &[option], text);
        assert_eq!(wrong, [], "{text}");
        assert_ne!(options, CreateOptions::default(), "{text}");
    }
    // Exactly that option, no more.
    let (_, _, wrong) = read(Role::Job, &["--cap-add=NET_ADMIN"], "--cap-add SYS_ADMIN");
    assert_eq!(wrong.len(), 1);
    assert!(allowed_option("--network=host").is_err());
    assert!(allowed_option("cap-add").is_err());
    assert_eq!(allowed_option("-v /a:/b").as_deref(), Ok("--volume=/a:/b"));
}

#[test]
fn what_cannot_be_understood_is_named() {
    for (role, text, message) in [
        (
            Role::Service,
            "--helth-cmd x",
            "unknown option `--helth-cmd`",
        ),
        (Role::Service, "-z", "unknown option `-z`"),
        (
            Role::Service,
            "--health-cmd 'pg_isready -q'",
            "unknown option `-'`",
        ),
        (
            Role::Service,
            "--health-cmd 'redis-cli ping'",
            "`ping'` does not belong to any option",
        ),
        (
            Role::Service,
            "--health-interval",
            "the option `--health-interval` has no value",
        ),
        (
            Role::Service,
            "--health-interval 10",
            "the value of `--health-interval` cannot be used: `10` is not a time such as `10s` or `1m30s`",
        ),
        (
            Role::Service,
            "--network host",
            "the option `--network` is not supported for a service, as on GitHub",
        ),
        (
            Role::Job,
            "--entrypoint x",
            "the option `--entrypoint` is not supported for a job's container, as on GitHub",
        ),
        (
            Role::Job,
            "--gpus all",
            "the option `--gpus` cannot be had in seatrial",
        ),
        (
            Role::Job,
            "--label dev.seatrial.run=x",
            "the value of `--label` cannot be used: labels that begin with `dev.seatrial.` are seatrial's own",
        ),
    ] {
        let (_, _, wrong) = read(role, &[], text);
        let found = wrong.first().map(|wrong| wrong.message.as_str());
        assert_eq!(found, Some(message), "{text}");
    }
}

/// What becomes of an option of a job's container without any grant, in a word.
fn verdict(text: &str) -> String {
    let (options, notes, wrong) = read(Role::Job, &[], text);
    match (wrong.first(), notes.first()) {
        (Some(wrong), _) => {
            assert_eq!(options.granted, CreateOptions::default().granted, "{text}");
            format!("{}: {}", wrong.cause.path(), wrong.message)
        }
        (None, Some(note)) => note.clone(),
        (None, None) if options == CreateOptions::default() => "nothing".to_owned(),
        (None, None) => "taken".to_owned(),
    }
}

#[test]
fn sixty_options_and_what_becomes_of_each() {
    let options = [
        "--privileged",
        "--privileged=true",
        "--privileged=1",
        "--privileged=false",
        "\"--privileged\"",
        "--init --privileged",
        "--cap-add SYS_ADMIN",
        "--cap-add=all",
        "--cap-add \"NET_ADMIN\"",
        "--cap-drop ALL",
        "--device /dev/sda",
        "--device=/dev/kvm:/dev/kvm:rwm",
        "--device-cgroup-rule 'c 42:* rmw'",
        "--gpus all",
        "--pid host",
        "--pid=container:other",
        "--ipc host",
        "--ipc=private",
        "--uts host",
        "--userns host",
        "--cgroupns host",
        "--cgroup-parent /",
        "--network host",
        "--net=container:other",
        "--security-opt seccomp=unconfined",
        "--security-opt apparmor:unconfined",
        "--security-opt=label=disable",
        "--security-opt no-new-privileges:false",
        "--security-opt systempaths=unconfined",
        "--sysctl kernel.shmmax=1",
        "--sysctl net.core.somaxconn=1024",
        "-v /:/host",
        "-v/etc:/host:ro",
        "-itv /etc:/host",
        "--volume=/var/run/docker.sock:/var/run/docker.sock",
        "-v /run/docker.sock:/s",
        "-v /var/run/../run/docker.sock:/s",
        "-v ./here:/there",
        "-v ../up:/there",
        "-v ~/.ssh:/ssh",
        "-v C:\\\\:/c",
        "-v name:/data",
        "-v /anonymous",
        "-v name:/proc/self",
        "--mount type=bind,source=/,target=/host",
        "--mount type=bind,src=/var/run/docker.sock,dst=/s",
        "--mount src=name,dst=/data",
        "--mount type=volume,dst=/x,volume-driver=local,volume-opt=type=none,volume-opt=o=bind,volume-opt=device=/etc",
        "--mount type=tmpfs,dst=/x",
        "--mount type=npipe,src=a,dst=b",
        "--mount type=image,src=a,dst=/b",
        "--tmpfs /x:exec,size=1m",
        "--volumes-from other",
        "--volume-driver evil",
        "--env-file /etc/passwd",
        "--label-file /etc/passwd",
        "--cidfile /tmp/x",
        "--label dev.seatrial.run=x",
        "--label a=b",
        "--runtime evil",
        "--storage-opt size=1T",
        "--link other",
        "--add-host x:host-gateway",
        "--pids-limit 4096",
        "--pids-limit -1",
        "--pids-limit 0",
        "--pids-limit 1000000",
        "--memory 8g",
        "--workdir /proc/self/fd/8",
        "-w /x/../proc/self/fd/8",
        "-w /dev/fd/8",
        "-w /srv",
        "--user 0:0",
        "--group-add docker",
        "--oom-kill-disable",
        "--oom-score-adj -1000",
        "--entrypoint /bin/sh",
        "--restart always",
        "--use-api-socket",
        "--isolation process",
        "--cpu-rt-runtime 95000",
        "--privilged",
        "-z",
        "evil/image:latest",
    ];
    assert!(options.len() >= 60);
    let table: Vec<String> = options
        .iter()
        .map(|text| format!("{text}\n    {}", verdict(text)))
        .collect();
    insta::assert_snapshot!("options", table.join("\n"));
}
