"""Makes a virtual environment at the given folder, with the interpreter's own pip.

ensurepip installs the same wheels in several seconds; here they are unpacked."""
import glob
import os
import shutil
import stat
import sys
import venv
import zipfile

SCRIPT = """#!/bin/sh
'''exec' '{python}' "$0" "$@"
' '''
import sys
from pip._internal.cli.main import main
sys.exit(main())
"""


def wheel_folders():
    try:
        import ensurepip
        yield os.path.join(os.path.dirname(ensurepip.__file__), "_bundled")
    except ImportError:
        pass
    # Debian keeps them apart.
    yield "/usr/share/python-wheels"


def unpack(name, packages):
    for folder in wheel_folders():
        for wheel in sorted(glob.glob(os.path.join(folder, name + "-*.whl"))):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(packages)
            return True
    return False


def copy_own_pip(packages):
    import pip
    own = os.path.dirname(pip.__file__)
    shutil.copytree(own, os.path.join(packages, "pip"))
    for info in glob.glob(os.path.join(os.path.dirname(own), "pip-*.dist-info")):
        shutil.copytree(info, os.path.join(packages, os.path.basename(info)))


folder = sys.argv[1]
venv.EnvBuilder(symlinks=True, with_pip=False).create(folder)
packages = glob.glob(os.path.join(folder, "lib", "*", "site-packages"))
packages += glob.glob(os.path.join(folder, "site-packages"))
if not unpack("pip", packages[0]):
    copy_own_pip(packages[0])
if sys.version_info < (3, 12):
    # As setup-python's Pythons have it.
    unpack("setuptools", packages[0])
python = os.path.join(folder, "bin", "python")
for name in ("pip", "pip3", "pip%d.%d" % sys.version_info[:2]):
    path = os.path.join(folder, "bin", name)
    with open(path, "w") as script:
        script.write(SCRIPT.format(python=python))
    os.chmod(path, stat.S_IRWXU | stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH)
