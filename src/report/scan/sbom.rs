//! The packages of images as CycloneDX 1.5 JSON (ECMA-424's predecessor).

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::scan::{OsRelease, Package, Report, Target};

/// The bill of materials. Of several images each is a component with its own.
pub(crate) fn scan_sbom(report: &Report) -> Value {
    let (subject, components) = match report.targets.as_slice() {
        [only] => (container(only, "image", false), components(only, "image")),
        many => {
            let subject = json!({
                "type": "application",
                "bom-ref": "images",
                "name": "images",
                "version": many.len().to_string(),
            });
            let all = many
                .iter()
                .enumerate()
                .map(|(at, target)| container(target, &format!("image-{}", at + 1), true))
                .collect();
            (subject, all)
        }
    };
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": serial(report),
        "version": 1,
        "metadata": {
            "timestamp": report.made.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "tools": { "components": [{
                "type": "application",
                "name": "seatrial",
                "version": env!("CARGO_PKG_VERSION"),
            }] },
            "component": subject,
        },
        "components": components,
    })
}

fn container(target: &Target, reference: &str, with_components: bool) -> Value {
    let mut value = json!({
        "type": "container",
        "bom-ref": reference,
        "name": target.name,
        "version": target.id,
    });
    if let Value::Object(fields) = &mut value
        && with_components
    {
        fields.insert(
            "components".to_owned(),
            components(target, reference).into(),
        );
    }
    value
}

fn components(target: &Target, reference: &str) -> Vec<Value> {
    let os = target.os.as_ref();
    let system = os.map(|os| {
        json!({
            "type": "operating-system",
            "bom-ref": format!("{reference}/os"),
            "name": os.id,
            "version": os.version,
            "description": os.name,
        })
    });
    let packages = target
        .packages
        .iter()
        .enumerate()
        .map(|(at, package)| component(package, os, &format!("{reference}/{at}")));
    system.into_iter().chain(packages).collect()
}

fn component(package: &Package, os: Option<&OsRelease>, reference: &str) -> Value {
    let mut properties = vec![
        property("path", &format!("/{}", package.path)),
        property("layer", &(package.layer + 1).to_string()),
    ];
    if let Some((name, version)) = &package.source {
        properties.push(property("source", name));
        properties.push(property("source-version", version));
    }
    if let Some(owner) = &package.owner {
        properties.push(property("owner", owner));
    }
    json!({
        "type": "library",
        "bom-ref": reference,
        "name": package.name,
        "version": package.version,
        "purl": package.purl(os),
        "properties": properties,
    })
}

fn property(name: &str, value: &str) -> Value {
    json!({ "name": format!("seatrial:{name}"), "value": value })
}

/// A number of its own for each set of images, in the form of a UUID of version 8 (RFC
/// 9562): the same images give the same.
fn serial(report: &Report) -> String {
    let mut hash = Sha256::new();
    for target in &report.targets {
        hash.update(target.name.as_bytes());
        hash.update([0]);
        hash.update(target.id.as_bytes());
        for package in &target.packages {
            hash.update(package.name.as_bytes());
            hash.update(package.version.as_bytes());
        }
    }
    let text = hex::encode(hash.finalize());
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    format!(
        "urn:uuid:{}-{}-8{}-8{}-{}",
        part(0, 8),
        part(8, 12),
        part(13, 16),
        part(17, 20),
        part(20, 32)
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::sample::report;
    use super::scan_sbom;

    #[test]
    fn packages_of_one_image() {
        let text = format!("{:#}", scan_sbom(&report()));
        let text = text.replace(env!("CARGO_PKG_VERSION"), "VERSION");
        insta::assert_snapshot!("sbom", text);
    }

    #[test]
    fn references_are_unique_and_several_images_stay_apart() {
        let mut report = report();
        let second = report.targets[0].clone();
        report.targets.push(second);
        let value = scan_sbom(&report);
        let text = value.to_string();
        let mut references: Vec<&str> = text.split("\"bom-ref\":\"").skip(1).collect();
        references = references
            .iter()
            .map(|rest| rest.split('"').next().unwrap())
            .collect();
        let count = references.len();
        references.sort_unstable();
        references.dedup();
        assert_eq!((references.len(), count), (11, 11));
        assert_eq!(value["components"][1]["components"][1]["name"], "libssl3");
    }
}
