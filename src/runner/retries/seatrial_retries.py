"""Runs tests that failed again, for `seatrial run --retries`.

pytest finds this module by the entry point beside it. Only the last attempt of a test is
reported; how many there were before goes into a property of its reports, which reaches
JUnit also from the workers of pytest-xdist.
"""
import os
import sys

import pytest
from _pytest.runner import runtestprotocol

NAME = 'seatrial-retries'
PROPERTY = 'seatrial.retries'
# Characters of what an attempt failed with, from the end.
MOST = 4000

HERE = os.path.dirname(os.path.abspath(__file__))
active = []


def leave_environment():
    """Tests and what they start see PYTHONPATH as it was without us."""
    parts = os.environ.get('PYTHONPATH', '').split(os.pathsep)
    if HERE in parts:
        parts.remove(HERE)
        if parts:
            os.environ['PYTHONPATH'] = os.pathsep.join(parts)
        else:
            del os.environ['PYTHONPATH']


leave_environment()


def read_retries():
    with open(os.path.join(HERE, 'retries')) as file:
        return int(file.read())


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    # Tests of plugins run pytest within pytest: that one is theirs.
    if not active:
        active.append(True)
        config.pluginmanager.register(Retries(config, read_retries()), NAME)


# Before plugins that run every test themselves, such as flaky. As a hook of this module, which
# is loaded early, it comes after those that want to be first as well, such as pytest-forked.
@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    retries = item.config.pluginmanager.get_plugin(NAME)
    return retries.run(item, nextitem) if retries is not None else None


class Retries:
    def __init__(self, config, most):
        self.most = most
        self.others = [name for name in ('rerunfailures', 'flaky') if config.pluginmanager.hasplugin(name)]
        self.asked = asked_of_others(config) if self.others else None
        self.rerun = []

    def pytest_report_header(self):
        if self.asked:
            return 'seatrial: %s runs failed tests again, so --retries does not' % self.asked
        return 'seatrial: failed tests are run again, up to %d times' % self.most

    def pytest_sessionstart(self, session):
        # The JUnit report, whose class is pytest's own affair.
        for plugin in session.config.pluginmanager.get_plugins():
            add = getattr(plugin, 'add_global_property', None)
            if add is not None:
                add(PROPERTY, str(self.most))

    def run(self, item, nextitem):
        if self.asked or (self.others and has_rule(item)):
            return None
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        properties = list(item.user_properties)
        failed = []
        while True:
            reports = runtestprotocol(item, nextitem=nextitem, log=False)
            problems = [report for report in reports if report.failed]
            if not problems or len(failed) >= self.most or item.session.shouldstop or item.session.shouldfail:
                break
            failed.append('\n'.join(report.longreprtext for report in problems)[-MOST:])
            renew(item, properties)
        for report in reports:
            if failed:
                report.user_properties.append((PROPERTY, str(len(failed))))
                if report is reports[-1]:
                    report.seatrial_failed = failed
                    report.seatrial_passed = not problems
            item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def pytest_runtest_logreport(self, report):
        failed = getattr(report, 'seatrial_failed', None)
        if failed:
            self.rerun.append((report.nodeid, failed, report.seatrial_passed))

    def pytest_terminal_summary(self, terminalreporter):
        if not self.rerun:
            return
        terminalreporter.section('tests that were run again')
        for name, failed, passed in self.rerun:
            if not passed:
                terminalreporter.write_line('%s failed %d times' % (name, len(failed) + 1))
                continue
            for number, text in enumerate(failed, 1):
                terminalreporter.write_sep('_', '%s, attempt %d failed' % (name, number))
                terminalreporter.write_line(text)
            terminalreporter.write_line('%s passed at attempt %d' % (name, len(failed) + 1))


def asked_of_others(config):
    """The plugin that the project itself asks to run all failed tests again."""
    option = config.option
    if getattr(option, 'force_flaky', None):
        return 'flaky'
    asked = getattr(option, 'reruns', None) or getattr(option, 'force_reruns', None)
    try:
        asked = asked or config.getini('reruns')
    except (KeyError, ValueError):
        # Older releases of pytest-rerunfailures have no such setting.
        pass
    return 'pytest-rerunfailures' if asked else None


def has_rule(item):
    """Whether the test is marked for one of the other plugins."""
    if item.get_closest_marker('flaky') is not None:
        return True
    return any(hasattr(one, '_flaky_max_runs') for one in (getattr(item, 'obj', None), getattr(item, 'cls', None)))


def renew(item, properties):
    """Makes a test as it was before its first attempt."""
    item.user_properties[:] = properties
    del item._report_sections[:]
    # The failure of a fixture of a wider scope is remembered, and would be told again.
    fixtures = getattr(getattr(item, '_fixtureinfo', None), 'name2fixturedefs', {})
    broken = [
        fixture
        for several in fixtures.values()
        for fixture in several
        if fixture.cached_result is not None and fixture.cached_result[2] is not None
    ]
    if broken:
        item._initrequest()
    for fixture in broken:
        try:
            fixture.finish(item._request)
        except Exception as error:
            # What was left of it could not be tidied up. Its test has failed anyway.
            sys.stderr.write('seatrial: fixture %s: %r\n' % (fixture.argname, error))
