//! `[coverage]` of `seatrial.toml`, and the flags over it.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::environment::Environment;
use super::error::ValueError;
use super::file::{ConfigFile, Reader};
use super::resolve::{Sourced, Twins, pick};
use super::values;
use crate::gate::PackageMin;

/// The table as TOML sees it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct CoverageTable {
    min: Option<Spanned<f64>>,
    precision: Option<Spanned<i64>>,
    base: Option<Spanned<String>>,
    tolerance: Option<Spanned<f64>>,
    #[serde(rename = "new-lines-min")]
    new_lines_min: Option<Spanned<f64>>,
    packages: BTreeMap<String, Spanned<f64>>,
}

/// What the file says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct CoverageFile {
    /// `coverage.min`.
    pub(super) min: Option<f64>,
    /// `coverage.precision`.
    pub(super) precision: Option<u8>,
    /// `coverage.base`.
    base: Option<String>,
    /// `coverage.tolerance`.
    tolerance: Option<f64>,
    /// `coverage.new-lines-min`.
    new_lines_min: Option<f64>,
    /// `coverage.packages`.
    packages: BTreeMap<String, f64>,
}

/// What the command line says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct CoverageFlags {
    /// `--coverage-min`; `--min` of `seatrial coverage check`.
    pub(crate) min: Option<f64>,
    /// `--precision` of `seatrial coverage check`.
    pub(crate) precision: Option<u8>,
    /// `--coverage-base`.
    pub(crate) base: Vec<String>,
    /// `--coverage-tolerance`.
    pub(crate) tolerance: Option<f64>,
    /// `--coverage-new-lines-min`.
    pub(crate) new_lines_min: Option<f64>,
    /// `--coverage-package-min`.
    pub(crate) packages: Vec<(String, f64)>,
}

/// What is asked of coverage.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct CoverageAsked {
    /// The least total in percent.
    pub(crate) min: Option<Sourced<f64>>,
    /// Digits that totals are rounded to before they are compared.
    pub(crate) precision: Option<u8>,
    /// Reports and revisions to compare with.
    pub(crate) base: Vec<String>,
    /// By how much the total may be below that of a report, in percent.
    pub(crate) tolerance: Option<f64>,
    /// The least of new and changed lines in percent.
    pub(crate) new_lines_min: Option<f64>,
    /// The least of packages.
    pub(crate) packages: Vec<PackageMin>,
}

/// `PACKAGE=PERCENT`.
pub(crate) fn package_min(text: &str) -> Result<(String, f64), String> {
    let (package, percent) = values::pair(text)
        .map_err(|_| "expected PACKAGE=PERCENT, such as src/billing=90".to_owned())?;
    Ok((package, values::percent(&percent)?))
}

impl CoverageAsked {
    /// Flag over environment over file.
    ///
    /// # Errors
    /// A variable cannot be used.
    pub(crate) fn resolve(
        flags: CoverageFlags,
        environment: &Environment,
        file: &ConfigFile,
    ) -> Result<Self, ValueError> {
        let twins = Twins(environment);
        let file = &file.coverage;
        let mut packages = file.packages.clone();
        packages.extend(flags.packages);
        let base = [
            flags.base,
            twins.text("SEATRIAL_COVERAGE_BASE").into_iter().collect(),
            file.base.iter().cloned().collect(),
        ];
        Ok(Self {
            min: pick(
                ("--coverage-min", flags.min),
                (
                    "SEATRIAL_COVERAGE_MIN",
                    twins.read("SEATRIAL_COVERAGE_MIN", values::percent)?,
                ),
                file.min,
            ),
            precision: flags.precision.or(file.precision),
            base: base
                .into_iter()
                .find(|base| !base.is_empty())
                .unwrap_or_default(),
            tolerance: flags.tolerance.or(file.tolerance),
            new_lines_min: flags.new_lines_min.or(file.new_lines_min),
            packages: packages
                .into_iter()
                .map(|(package, percent)| PackageMin { package, percent })
                .collect(),
        })
    }
}

impl Reader<'_> {
    /// What is asked of coverage.
    pub(super) fn coverage(&mut self, table: CoverageTable) -> CoverageFile {
        CoverageFile {
            min: self.share("min", table.min),
            precision: self.number("precision", table.precision, 0..=15),
            base: self.some_text("base", table.base),
            tolerance: self.share("tolerance", table.tolerance),
            new_lines_min: self.share("new-lines-min", table.new_lines_min),
            packages: table
                .packages
                .into_iter()
                .filter_map(|(package, min)| {
                    Some((package.clone(), self.share(&package, Some(min))?))
                })
                .collect(),
        }
    }

    fn share(&mut self, key: &str, value: Option<Spanned<f64>>) -> Option<f64> {
        let value = value?;
        let read = values::percent(&value.get_ref().to_string());
        self.checked(key, value.span(), read)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn flags_go_over_the_file() {
        let text = "[coverage]\nmin = 70\nbase = 'main'\ntolerance = 0.5\nnew-lines-min = 90\n\
                    [coverage.packages]\n'src/billing' = 95\n'src/api' = 60\n";
        let file = ConfigFile::parse(text).unwrap();
        let resolve =
            |flags| CoverageAsked::resolve(flags, &Environment::default(), &file).unwrap();
        let asked = resolve(CoverageFlags::default());
        assert_eq!(asked.base, ["main"]);
        assert_eq!(
            (asked.tolerance, asked.new_lines_min),
            (Some(0.5), Some(90.0))
        );
        assert_eq!(asked.min.unwrap().value, 70.0);
        let flags = CoverageFlags {
            min: Some(80.0),
            base: vec!["old.xml".to_owned(), "dev".to_owned()],
            packages: vec![package_min("src/api=61.5%").unwrap()],
            ..CoverageFlags::default()
        };
        let asked = resolve(flags);
        assert_eq!(asked.base, ["old.xml", "dev"]);
        let packages: Vec<_> = asked
            .packages
            .iter()
            .map(|limit| (limit.package.as_str(), limit.percent))
            .collect();
        assert_eq!(packages, [("src/api", 61.5), ("src/billing", 95.0)]);
        assert!(package_min("src").is_err() && package_min("src=101").is_err());
    }
}
