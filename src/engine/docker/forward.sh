# Leads a port of this container to a service: $1 the port, $2 and $3 where to.
# Prints `ready` once the port is open, `none` when the image has nothing to do it with.
exec 2>/dev/null
if command -v python3 >/dev/null; then
    exec python3 -c '
import socket, sys, threading
def copy(source, target):
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            target.sendall(data)
    except OSError:
        pass
    try:
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
def serve(client):
    with client:
        try:
            service = socket.create_connection((sys.argv[2], int(sys.argv[3])))
        except OSError:
            return
        with service:
            back = threading.Thread(target=copy, args=(service, client), daemon=True)
            back.start()
            copy(client, service)
            back.join()
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("0.0.0.0", int(sys.argv[1])))
server.listen(128)
print("ready", flush=True)
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
' "$@"
fi
if command -v perl >/dev/null && perl -MIO::Socket::INET -MIO::Select -e 1; then
    exec perl -MIO::Socket::INET -MIO::Select -e '
        $SIG{CHLD} = "IGNORE"; $| = 1;
        my $server = IO::Socket::INET->new(LocalAddr => "0.0.0.0", LocalPort => $ARGV[0],
            Listen => 128, ReuseAddr => 1) or exit 1;
        print "ready\n";
        while (1) {
            my $client = $server->accept or next;
            next if fork;
            my $service = IO::Socket::INET->new(PeerAddr => $ARGV[1], PeerPort => $ARGV[2]) or exit;
            my %other = ($client => $service, $service => $client);
            my $open = IO::Select->new($client, $service);
            while ($open->count) {
                for my $from ($open->can_read) {
                    my $to = $other{$from};
                    my $count = sysread($from, my $data, 65536);
                    if (!$count) { $open->remove($from); shutdown($to, 1); next }
                    my $at = 0;
                    while ($at < $count) { $at += syswrite($to, $data, $count - $at, $at) // exit }
                }
            }
            exit;
        }' "$@"
fi
# The others do not tell when they listen: look at the kernel's list.
announce() {
    port=$(printf ':%04X 00000000:0000 0A' "$1")
    i=0
    until grep -q "$port" /proc/net/tcp || [ "$i" -ge 100 ]; do
        i=$((i + 1))
        sleep 0.05
    done
    echo ready
}
if command -v socat >/dev/null; then
    announce "$1" &
    exec socat "TCP-LISTEN:$1,fork,reuseaddr" "TCP:$2:$3"
fi
if command -v busybox >/dev/null && busybox nc --help 2>&1 | grep -q -e '-e PROG'; then
    announce "$1" &
    exec busybox nc -ll -p "$1" -e busybox nc "$2" "$3"
fi
echo none
