import sys
if sys.path[:1] == ['']:
    # A folder of the repository must not stand in for coverage.py.
    del sys.path[0]
try:
    from coverage import Coverage
except ImportError:
    sys.exit(3)
# Plug-ins of the project's own are found as by the command `coverage`.
sys.path.insert(0, '')
import glob
import json
import os
import shutil
import tempfile

MOST = 2000


def fresh(path, since):
    try:
        with open(path, 'rb') as file:
            # The form before coverage.py 5.0 is text.
            known = file.read(13) in (b'SQLite format', b'!coverage.py:')
        return known and os.stat(path).st_mtime >= since
    except OSError:
        return False


def said(error):
    return ('%s: %s' % (type(error).__name__, error))[:500]


# Also of a process that was killed: with `parallel` each has a file of its own.
def data_of(base, since):
    return [path for path in [base] + sorted(glob.glob(glob.escape(base) + '.*')) if fresh(path, since)][:MOST]


def combine(options, data, out):
    folder = tempfile.mkdtemp()
    try:
        # `combine` removes what it takes; the job's own files stay as they are.
        copies = [shutil.copy(path, os.path.join(folder, '.coverage.%d' % at)) for at, path in enumerate(data)]
        merged = Coverage(**dict(options, data_file=os.path.join(folder, 'all')))
        merged.combine(copies)
        os.makedirs(os.path.dirname(out), exist_ok=True)
        merged.xml_report(outfile=out, ignore_errors=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def export(asked):
    since = asked['since']
    if any(os.path.isfile(path) and os.stat(path).st_mtime >= since for path in asked['unless']):
        return {'there': True}
    options = {'config_file': asked['rcfile'] or True}
    if asked['data_file']:
        options['data_file'] = asked['data_file']
    told = {}
    base = asked['data_file'] or os.environ.get('COVERAGE_FILE')
    try:
        base = Coverage(**options).get_option('run:data_file') or base
    except Exception as error:
        told['error'] = said(error)
    told['expected'] = os.path.abspath(base or '.coverage')
    told['data'] = data_of(told['expected'], since)
    if told['data'] and 'error' not in told:
        try:
            combine(options, told['data'], asked['out'])
            told['report'] = True
        except Exception as error:
            told['error'] = said(error)
    return told


with open(os.environ['SEATRIAL_ANSWERS'], 'w') as answer:
    json.dump(export(json.loads(os.environ['SEATRIAL_MEASURED'])), answer)
