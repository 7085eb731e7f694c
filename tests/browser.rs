//! The report page in a real browser without a window. Without one (scripts/setup installs
//! Debian's chromium) these tests fail.
//!
//! `PICTURES=DIR cargo test --test browser` keeps what was seen as PNG files.
#![allow(clippy::expect_used, clippy::panic)]

mod support;

use std::path::{Path, PathBuf};

use base64::Engine as _;
use serde_json::{Value, json};
use support::Project;
use support::browser::Browser;

/// A run of tests/fixtures/page, two legs with failed tests, coverage and colours, and its
/// page.
fn page() -> (Project, PathBuf) {
    let project = Project::of_fixture("page");
    let ran = project.seatrial(&["run", "test.yml", "--engine", "host"]);
    ran.expect(1).says("report.html");
    remember(&project);
    // A run compared with itself: its page shows that, too.
    project.seatrial(&["compare", "latest", "latest"]).expect(0);
    let page = project.root().join(".seatrial/latest/report.html");
    let page = page.canonicalize().expect("a page");
    (project, page)
}

/// Fills the history with good runs before that of the project: copies of it, the last ones of
/// which took longer. Their images came from a cache.
fn remember(project: &Project) {
    let this = project.seatrial(&["history", "export"]).expect(0).stdout;
    let mut run: Value = serde_json::from_str(&this).expect("a run");
    let start = run["started_at"].as_u64().expect("a start");
    for leg in run["legs"].as_array_mut().expect("legs") {
        leg["conclusion"] = json!("success");
        for step in leg["steps"].as_array_mut().expect("steps") {
            step["conclusion"] = json!("success");
        }
    }
    run["images"] = json!([{
        "name": "Dockerfile.test", "origin": "built", "warmth": "warm", "millis": 0, "steps": 9, "cached": 9,
    }]);
    let mut text = String::new();
    for number in 0..60u64 {
        let began = start - (60 - number) * 3_600_000;
        let wavering = number * 7_919 % 13;
        let slower = if number < 45 { 1 } else { 2 };
        run["run"] = json!(format!("20200101-{number:06}-0123456789ab"));
        run["started_at"] = json!(began);
        run["finished_at"] = json!(began + (60_000 + wavering * 700) * slower);
        run["images"][0]["millis"] = json!(2_000 + wavering * 90);
        run["dirty"] = json!(false);
        for leg in run["legs"].as_array_mut().expect("legs") {
            for step in leg["steps"].as_array_mut().expect("steps") {
                step["millis"] = json!((5_000 + wavering * 50) * slower);
            }
        }
        text.push_str(&format!("{run}\n"));
    }
    project.write("past.jsonl", &text);
    let imported = project.seatrial(&["history", "import", "past.jsonl"]);
    imported.expect(0).says("added 60 runs");
}

/// Rows of a table that are shown.
fn shown(browser: &mut Browser, table: &str) -> u64 {
    let expression = format!("document.querySelectorAll('#{table} tbody tr:not([hidden])').length");
    browser.eval(&expression).as_u64().expect("a number")
}

/// Types into a field or chooses from one, as a person would.
fn enter(browser: &mut Browser, field: &str, value: &str) {
    browser.eval(&format!(
        "(() => {{ const f = document.querySelector(`{field}`); f.value = `{value}`; \
         f.dispatchEvent(new Event('input', {{ bubbles: true }})); }})()"
    ));
}

fn first(browser: &mut Browser, table: &str, column: usize) -> String {
    let expression = format!(
        "document.querySelector('#{table} tbody tr:not([hidden])').cells[{column}].textContent.trim()"
    );
    browser
        .eval(&expression)
        .as_str()
        .expect("a text")
        .to_owned()
}

/// The page made no complaint and asked for nothing but itself.
fn assert_at_rest(browser: &Browser) {
    assert_eq!(browser.complaints, [""; 0]);
    let elsewhere = |url: &&String| !url.starts_with("file://") || !url.contains("report.html");
    let elsewhere: Vec<&String> = browser.requests.iter().filter(elsewhere).collect();
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
}

#[test]
fn search_filters_and_orders_work() {
    let (_project, page) = page();
    let mut browser = Browser::start();
    browser.look(1280, 900, "light");
    browser.open(&page, "");
    let tests = "tests-table";
    assert_eq!(shown(&mut browser, tests), 244);
    assert!(first(&mut browser, tests, 0).contains("failed"));
    enter(&mut browser, "#filter [name=text]", "ORDER [12");
    assert_eq!(shown(&mut browser, tests), 11);
    let count = browser.eval("document.querySelector('#filter output').textContent");
    assert_eq!(count, "11 of 244");
    enter(&mut browser, "#filter [name=text]", "");
    enter(&mut browser, "#filter [name=outcome]", "e");
    assert_eq!(first(&mut browser, tests, 1), "tests/test_calc.py::test_db");
    assert_eq!(shown(&mut browser, tests), 1);
    enter(&mut browser, "#filter [name=outcome]", "r");
    assert_eq!(
        first(&mut browser, tests, 1),
        "tests/test_calc.py::test_again"
    );
    enter(&mut browser, "#filter [name=outcome]", "");
    enter(&mut browser, "#filter [name=leg]", "1");
    assert_eq!(shown(&mut browser, tests), 244);
    enter(&mut browser, "#filter [name=order]", "slow");
    assert_eq!(first(&mut browser, tests, 3), "1.50");
    enter(&mut browser, "#filter [name=order]", "name");
    assert_eq!(
        first(&mut browser, tests, 1),
        "tests/test_calc.py::test_again"
    );

    let files = "coverage-table";
    assert_eq!(first(&mut browser, files, 0), "src/");
    browser.eval("document.querySelectorAll('#coverage-table th button')[2].click()");
    assert_eq!(first(&mut browser, files, 0), "src/shop/orders.py");
    assert_eq!(first(&mut browser, files, 2), "2");
    let sorted = "document.querySelector('#coverage-table th[aria-sort]').ariaSort";
    assert_eq!(browser.eval(sorted), "descending");
    enter(&mut browser, "#coverage-filter [name=text]", "models");
    assert_eq!(shown(&mut browser, files), 1);
    browser.eval("document.querySelectorAll('#coverage-table th button')[0].click()");
    enter(&mut browser, "#coverage-filter [name=text]", "");
    assert_eq!(first(&mut browser, files, 0), "src/");
    assert_at_rest(&browser);
}

#[test]
fn links_lead_to_what_is_folded() {
    let (_project, page) = page();
    let mut browser = Browser::start();
    browser.look(1280, 900, "light");
    browser.open(&page, "");
    // Every link within the page leads somewhere, and every id is there once.
    let broken = browser.eval(
        "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href').slice(1))\
         .filter(id => !document.getElementById(id)).join()",
    );
    assert_eq!(broken, "");
    let twice = browser.eval(
        "[...document.querySelectorAll('[id]')].map(e => e.id)\
         .filter((id, at, all) => all.indexOf(id) !== at).join()",
    );
    assert_eq!(twice, "");
    let jump =
        "[...document.querySelectorAll('a')].find(a => a.textContent === 'Jump to the failure')";
    let line = browser.eval(&format!("{jump}.getAttribute('href').slice(1)"));
    let line = line.as_str().expect("a fragment").to_owned();
    let said = format!("document.getElementById('{line}').textContent");
    assert_eq!(browser.eval(&said), "E   assert 3 == 4");
    browser.open(&page, &format!("?#{line}"));
    let seen = format!("document.getElementById('{line}').checkVisibility()");
    assert_eq!(browser.eval(&seen), true);
    let colour = format!("document.querySelector('#{line} span').className");
    assert_eq!(browser.eval(&colour), "c1 b");
    let missed = "[...document.querySelectorAll('#coverage ol.code .missed')].map(e => e.textContent).join('|')";
    let missed = browser.eval(missed);
    assert_eq!(
        missed,
        "os.abort()|        log(\"no order\")|        return 0"
    );
    assert_at_rest(&browser);
}

/// Texts whose contrast is below what WCAG 2 asks for at level AA.
const CONTRAST: &str = r"(() => {
  const parse = (text) => (text.match(/[\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => {
    const part = (v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const bad = new Set();
  for (const e of document.body.querySelectorAll('*')) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.checkVisibility() || ['SCRIPT', 'STYLE', 'TITLE', 'title'].includes(e.tagName)) continue;
    const style = getComputedStyle(e);
    const svg = e.namespaceURI.endsWith('svg');
    const fore = light(parse(svg ? style.fill : style.color));
    const box = svg && e.closest('a') ? e.closest('a').querySelector('rect') : null;
    const back = light(box ? parse(getComputedStyle(box).fill) : ground(e));
    const ratio = (Math.max(fore, back) + 0.05) / (Math.min(fore, back) + 0.05);
    if (ratio < 4.5) bad.add(`${e.tagName}.${e.className.baseVal ?? e.className} ${ratio.toFixed(2)}`);
  }
  return [...bad].join('; ');
})()";

#[test]
fn it_is_readable_everywhere() {
    let (_project, page) = page();
    let pictures = std::env::var_os("PICTURES").map(PathBuf::from);
    let mut browser = Browser::start();
    for (width, height) in [(1280, 900), (390, 844)] {
        for scheme in ["light", "dark"] {
            browser.look(width, height, scheme);
            browser.open(&page, "");
            let keep = |browser: &mut Browser, part: &str| {
                if let Some(folder) = &pictures {
                    let picture = browser.picture();
                    let picture = base64::prelude::BASE64_STANDARD.decode(picture);
                    let file = folder.join(format!("page-{width}-{scheme}-{part}.png"));
                    std::fs::write(file, picture.expect("base64")).expect("a file");
                }
            };
            keep(&mut browser, "top");
            browser.eval("document.querySelectorAll('details').forEach(d => { d.open = true; })");
            let over = browser.eval("document.documentElement.scrollWidth - innerWidth");
            assert!(
                over.as_i64() <= Some(0),
                "{over} pixels too wide at {width}"
            );
            assert_eq!(browser.eval(CONTRAST), "", "{width} {scheme}");
            for part in [
                "timeline",
                "jobs",
                "tests",
                "coverage",
                "logs",
                "environment",
                "parity",
                "trend",
            ] {
                let scroll = "document.getElementById('PART')?.scrollIntoView()";
                browser.eval(&scroll.replace("PART", part));
                if pictures.is_some() {
                    keep(&mut browser, part);
                }
            }
        }
    }
    assert_at_rest(&browser);
}

#[test]
fn the_history_is_drawn() {
    let (_project, page) = page();
    let mut browser = Browser::start();
    browser.look(1280, 900, "light");
    browser.open(&page, "");
    let names = browser.eval(
        "[...document.querySelectorAll('#trend figure strong')].map(e => e.textContent).join()",
    );
    assert_eq!(names, "total (warm),tests,build (warm),coverage");
    let regressions = browser.eval("document.querySelectorAll('#trend line.worse').length");
    assert_eq!(regressions, 2);
    // This run is the last of them where it has the figure.
    let circled = browser.eval("document.querySelectorAll('#trend circle.this').length");
    assert_eq!(circled, 0);
    for (width, height) in [(1280, 900), (390, 844)] {
        browser.look(width, height, "light");
        browser.open(&page, "");
        let sizes = "[...document.querySelectorAll('#trend svg[role]')].map(e => e.getBoundingClientRect())";
        let small =
            format!("{sizes}.every(b => b.height < 200 && b.width > 250 && b.right <= innerWidth)");
        assert_eq!(browser.eval(&small), true, "{width}");
    }
    assert_at_rest(&browser);
}

#[test]
fn pages_of_coverage_are_searched_and_read_everywhere() {
    let project = Project::new("on: push\n");
    let union = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/results/union");
    support::copy_tree(&union.join("src"), &project.root().join("src"));
    let report = union.join("combined.xml").display().to_string();
    let merged = project.seatrial(&["coverage", "merge", &report, "--html", "pages"]);
    assert_eq!(merged.code, 0, "{}", merged.stderr);
    let folder = project.root().join("pages").canonicalize().expect("pages");
    let mut browser = Browser::start();
    browser.look(1280, 900, "light");
    browser.open(&folder.join("index.html"), "");
    let rows = "[...document.querySelectorAll('table.files tbody tr:not([hidden])')]";
    let names = format!("{rows}.map(r => r.cells[0].textContent.trim()).join(' ')");
    enter(&mut browser, ".search input", "UTIL");
    assert_eq!(browser.eval(&names), "src/one/util.py src/two/util.py");
    enter(&mut browser, ".search input", "");
    browser.eval("document.querySelectorAll('table.files th button')[2].click()");
    browser.eval("document.querySelectorAll('table.files th button')[2].click()");
    let first = format!("{rows}[0].querySelector('a').href");
    assert!(
        browser
            .eval(&names)
            .to_string()
            .starts_with("\"src/never.py")
    );
    let href = browser.eval(&first);
    let file = href.as_str().and_then(|url| url.rsplit('/').next());
    let file = folder.join(file.expect("a page of the file"));
    for (width, height) in [(1280, 900), (390, 844)] {
        for scheme in ["light", "dark"] {
            for page in [&folder.join("index.html"), &file] {
                browser.look(width, height, scheme);
                browser.open(page, "");
                let over = browser.eval("document.documentElement.scrollWidth - innerWidth");
                assert!(
                    over.as_i64() <= Some(0),
                    "{over} pixels too wide at {width}"
                );
                assert_eq!(browser.eval(CONTRAST), "", "{width} {scheme}");
                if let Some(pictures) = std::env::var_os("PICTURES") {
                    let kind = if page == &file { "file" } else { "index" };
                    let picture = base64::prelude::BASE64_STANDARD.decode(browser.picture());
                    let name = format!("coverage-{width}-{scheme}-{kind}.png");
                    std::fs::write(Path::new(&pictures).join(name), picture.expect("base64"))
                        .expect("a picture");
                }
            }
        }
    }
    browser.eval("document.querySelector('.steps button[data-step=\"1\"]').click()");
    assert_eq!(browser.eval("location.hash"), "#L1");
    assert_eq!(browser.complaints, [""; 0]);
    let inside = |url: &&String| !url.starts_with(&format!("file://{}/", folder.display()));
    let elsewhere: Vec<&String> = browser.requests.iter().filter(inside).collect();
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
}

#[test]
fn it_is_there_for_keyboards_and_readers_of_screens() {
    let (_project, page) = page();
    let mut browser = Browser::start();
    browser.open(&page, "");
    for (what, expression) in [
        (
            "headers of tables have a scope",
            "[...document.querySelectorAll('th:not([scope])')]",
        ),
        (
            "tables have a head",
            "[...document.querySelectorAll('table')].filter(t => !t.tHead)",
        ),
        (
            "fields have a label",
            "[...document.querySelectorAll('input, select')].filter(f => !f.labels.length)",
        ),
        (
            "pictures have a name",
            "[...document.querySelectorAll('svg[role]')].filter(s => !s.ariaLabel && !s.querySelector('title'))",
        ),
        (
            "what scrolls can be reached",
            "[...document.querySelectorAll('.scroll, pre, ol.out')].filter(e => e.tabIndex !== 0)",
        ),
        (
            "no level of headings is left out",
            "[...document.querySelectorAll('h1, h2, h3')].filter((h, at, all) => at > 0 && h.tagName[1] - all[at - 1].tagName[1] > 1)",
        ),
    ] {
        let wrong = browser.eval(&format!(
            "{expression}.map(e => e.outerHTML.slice(0, 99)).join()"
        ));
        assert_eq!(wrong, "", "{what}");
    }
    for landmark in ["header", "nav[aria-label]", "main", "footer"] {
        let count = format!("document.querySelectorAll('body > {landmark}').length");
        assert_eq!(browser.eval(&count), 1, "{landmark}");
    }
    assert_eq!(browser.eval("document.documentElement.lang"), "en");
}

#[test]
fn it_needs_no_scripts() {
    let (_project, page) = page();
    let mut browser = Browser::start();
    browser.scripts(false);
    browser.open(&page, "");
    let document = browser.call("DOM.getDocument", &serde_json::json!({}));
    let root = document["root"]["nodeId"].clone();
    let mut count = |selector: &str| {
        let query = serde_json::json!({ "nodeId": root, "selector": selector });
        let found = browser.call("DOM.querySelectorAll", &query);
        found["nodeIds"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(count("#tests-table tbody tr"), 244);
    assert_eq!(count("form.controls:not([hidden])"), 0);
    assert!(count("details.failed") == 2 && count("ol.out li") > 100);
}
