//! Python itself: imports, libraries of the system, encodings, time zones.

use crate::triage::signature::signatures;

signatures! {
    "import.no_module" Import Likely ["ModuleNotFoundError: No module named"],
    not [
        "'distutils'", "'tomllib'", "'imp'", "Error importing plugin", "'asyncore'", "'asynchat'", "'cgi'",
        "'imghdr'", "'telnetlib'", "'pipes'",
    ],
    "a module cannot be imported",
    "install its package in the image; where it is the project's own, `pip install -e .` or `PYTHONPATH`",
    yes "E   ModuleNotFoundError: No module named 'requests'",
    no "a module named 'requests'";

    "import.no_module_run" Import Certain [": No module named "],
    not ["ModuleNotFoundError", "Error importing plugin", "psycopg_"],
    "a module that is to be run is not installed",
    "install its package in the image, in the Python that is called",
    yes "/usr/local/bin/python: No module named pytest",
    no "the module named pytest";

    "import.cannot_name" Import Certain ["ImportError: cannot import name"],
    not [
        "from 'collections'", "from 'typing' (", "from 'enum' (", "from 'datetime' (", "from 'inspect' (",
        "from 'asyncio' (",
    ],
    "a module does not have a name that is imported: another version, or a circle",
    "compare the version of the package with the one that works",
    yes "E   ImportError: cannot import name 'soft_unicode' from 'markupsafe'",
    no "imported the name from 'markupsafe'";

    "import.conftest" Import Certain ["ImportError while loading conftest"],
    "pytest cannot read a `conftest.py`",
    "the line below says what it lacks",
    yes "ImportError while loading conftest '/app/tests/conftest.py'.",
    no "loading conftest '/app/tests/conftest.py'";

    "import.mismatch" Import Certain ["import file mismatch:"],
    "two test files have the same name, or stale `__pycache__`",
    "another name, `__init__.py` in their folders, or `--import-mode=importlib`",
    yes "E   import file mismatch:",
    no "the imported file matches";

    "library.shared_object" Library Certain ["cannot open shared object file: No such file or directory"],
    "a library of the system is not there",
    "install its package in the image: `apt-file search NAME` finds which",
    yes "ImportError: libGL.so.1: cannot open shared object file: No such file or directory",
    no "opened shared object file";

    "library.glibc" Library Certain ["version `GLIBC_", "' not found"],
    "a program needs a newer C library than the image has",
    "a newer base image, or build it on the older one",
    yes "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by ./tool)",
    no "version GLIBC 2.36 found";

    "library.glibcxx" Library Certain ["version `GLIBCXX_", "' not found"],
    "a program needs a newer C++ library than the image has",
    "a newer base image, or `libstdc++6` of one",
    yes "libstdc++.so.6: version `GLIBCXX_3.4.30' not found (required by x.so)",
    no "version GLIBCXX 3.4 found";

    "library.undefined_symbol" Library Certain ["undefined symbol:"],
    "an extension was built for another version of a library or of Python",
    "build or install it anew for this image",
    yes "ImportError: /usr/lib/x.so: undefined symbol: PyUnicode_AsUTF8",
    no "the symbol is defined";

    "library.ctypes" Library Certain ["OSError: ", "cannot load library"],
    "a library of the system is not there",
    "install its package in the image",
    yes "OSError: cannot load library 'gobject-2.0-0': error: cannot load library",
    no "loaded library 'gobject-2.0-0'";

    "import.numpy_abi" Import Certain ["numpy.dtype size changed, may indicate binary incompatibility"],
    "a package was built for another version of numpy",
    "install both anew, with versions that belong together",
    yes "ValueError: numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, got 88 from PyObject",
    no "the size of numpy.dtype is 96";

    "import.numpy_2" Import Certain ["A module that was compiled using NumPy 1.x cannot be run in"],
    "a package was built for another version of numpy",
    "a newer version of it, or `numpy<2`",
    yes "A module that was compiled using NumPy 1.x cannot be run in NumPy 2.0.0 as it may crash.",
    no "a module compiled using NumPy 2";

    "library.browser" Library Certain ["Executable doesn't exist at", "ms-playwright"],
    "the browser of Playwright is not installed",
    "`playwright install --with-deps` in the image",
    yes "playwright._impl._errors.Error: BrowserType.launch: Executable doesn't exist at /root/.cache/ms-playwright/chromium-1/chrome",
    no "BrowserType.launch: chromium started";

    "library.browser_deps" Library Certain ["Host system is missing dependencies to run browsers"],
    "the browser's libraries are not installed",
    "`playwright install-deps` in the image",
    yes "║ Host system is missing dependencies to run browsers. ║",
    no "the host has all dependencies";

    "library.webdriver" Command Certain ["executable needs to be in PATH"],
    "the driver of a browser is not installed",
    "install it in the image (`chromium-driver`)",
    yes "selenium.common.exceptions.WebDriverException: Message: 'chromedriver' executable needs to be in PATH.",
    no "'chromedriver' is in PATH";

    "library.chrome_sandbox" Permissions Certain ["Running as root without --no-sandbox is not supported"],
    "Chromium does not run as root",
    "an ordinary user in the image, or `--no-sandbox`",
    yes "[1:1:ERROR:zygote_host_impl_linux.cc(90)] Running as root without --no-sandbox is not supported.",
    no "running with --no-sandbox";

    "library.display" Library Certain ["no $DISPLAY environment variable"],
    "a program wants a screen",
    "`xvfb-run`, or its way to go without one",
    yes "_tkinter.TclError: no display name and no $DISPLAY environment variable",
    no "the $DISPLAY is :0";

    "library.qt_platform" Library Certain ["Could not load the Qt platform plugin"],
    "Qt wants a screen or its libraries",
    "QT_QPA_PLATFORM=offscreen, and Qt's libraries in the image",
    yes "qt.qpa.plugin: Could not load the Qt platform plugin \"xcb\" in \"\" even though it was found.",
    no "loaded the Qt platform plugin";

    "locale.unicode_decode" Locale Likely ["UnicodeDecodeError: 'ascii' codec can't decode"],
    "text is read as ASCII: the container has no UTF-8 locale",
    "LANG=C.UTF-8 (or PYTHONUTF8=1) in the image",
    yes "E   UnicodeDecodeError: 'ascii' codec can't decode byte 0xc3 in position 3: ordinal not in range(128)",
    no "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff";

    "locale.unicode_encode" Locale Likely ["UnicodeEncodeError: 'ascii' codec can't encode"],
    "text is written as ASCII: the container has no UTF-8 locale",
    "LANG=C.UTF-8 (or PYTHONUTF8=1) in the image",
    yes "UnicodeEncodeError: 'ascii' codec can't encode character '\\xe9' in position 1",
    no "UnicodeEncodeError: 'latin-1' codec can't encode";

    "locale.unsupported" Locale Certain ["locale.Error: unsupported locale setting"],
    "a locale is not installed",
    "`locales` and `locale-gen` in the image, or C.UTF-8",
    yes "locale.Error: unsupported locale setting",
    no "the locale setting is supported";

    "locale.click" Locale Certain ["Click will abort further execution because Python was configured to use ASCII"],
    "the container has no UTF-8 locale",
    "LC_ALL=C.UTF-8 in the image",
    yes "RuntimeError: Click will abort further execution because Python was configured to use ASCII as encoding for the environment.",
    no "Click will execute";

    "locale.zoneinfo" Locale Certain ["ZoneInfoNotFoundError"],
    "the time zones are not installed",
    "`tzdata` in the image, or the package tzdata from pip",
    yes "zoneinfo._common.ZoneInfoNotFoundError: 'No time zone found with key Europe/Zurich'",
    no "ZoneInfo('Europe/Zurich')";

    "python.syntax" Python Likely ["SyntaxError: invalid syntax"],
    "the code cannot be read: wrong, or written for a newer Python",
    "compare the Python of the image with `python-version` of the workflow",
    yes "E   SyntaxError: invalid syntax",
    no "the syntax is valid";

    "python.type_subscript" Python Likely ["TypeError: 'type' object is not subscriptable"],
    "the code is written for a newer Python (`list[int]` needs 3.9)",
    "compare the Python of the image with `python-version` of the workflow",
    yes "E   TypeError: 'type' object is not subscriptable",
    no "the type is subscriptable";

    "python.union_type" Python Likely ["TypeError: unsupported operand type(s) for |: 'type' and"],
    "the code is written for a newer Python (`int | None` needs 3.10)",
    "compare the Python of the image with `python-version` of the workflow",
    yes "E   TypeError: unsupported operand type(s) for |: 'type' and 'NoneType'",
    no "unsupported operand type(s) for +: 'int' and 'str'";

    "python.distutils" Python Certain ["No module named 'distutils'"],
    "the code needs distutils, which Python has not had since 3.12",
    "`setuptools` in the image, or an older Python",
    yes "ModuleNotFoundError: No module named 'distutils'",
    no "imported 'distutils'";

    "python.pkg_resources" Import Certain ["No module named 'pkg_resources'"],
    "the code needs setuptools, which new environments do not have",
    "`setuptools` in the image",
    yes "ModuleNotFoundError: No module named 'pkg_resources'",
    no "imported 'pkg_resources'";

    "python.cannot_open" Command Certain ["can't open file '", "[Errno 2] No such file or directory"],
    "a script that is to be run is not there",
    "look at the folder of the step, and at what the image copies",
    yes "python: can't open file '/app/manage.py': [Errno 2] No such file or directory",
    no "opened file '/app/manage.py'";

    "python.tomllib" Python Certain ["No module named 'tomllib'"],
    "the code needs tomllib, which Python has since 3.11",
    "a newer Python, or the package tomli",
    yes "ModuleNotFoundError: No module named 'tomllib'",
    no "imported 'tomllib'";

    "python.imp" Python Certain ["No module named 'imp'"],
    "the code needs imp, which Python has not had since 3.12",
    "a newer version of the package, or an older Python",
    yes "ModuleNotFoundError: No module named 'imp'",
    no "imported 'imp'";

    "python.collections" Python Certain ["cannot import name '", "from 'collections'"],
    "the code needs names of `collections` that Python has not had since 3.10",
    "a newer version of the package, or an older Python",
    yes "ImportError: cannot import name 'MutableMapping' from 'collections' (/usr/lib/python3.10/collections/__init__.py)",
    no "imported 'deque' from 'collections'";

    "python.impimporter" Python Certain ["module 'pkgutil' has no attribute 'ImpImporter'"],
    "pip or setuptools is too old for this Python",
    "`pip install -U pip setuptools` first",
    yes "AttributeError: module 'pkgutil' has no attribute 'ImpImporter'",
    no "module 'pkgutil' has an attribute";

    "import.relative" Import Certain ["attempted relative import"],
    "a file of a package is run as if it were none",
    "`python -m PACKAGE.MODULE` from the folder above",
    yes "ImportError: attempted relative import beyond top-level package",
    no "a relative import";

    "import.flask" Import Certain ["Error: Could not import '"],
    "Flask cannot import the application",
    "look at `--app` or FLASK_APP, and at the folder of the step",
    yes "Error: Could not import 'app.main'.",
    no "imported 'app.main'";

    "import.node" Import Certain ["Error: Cannot find module '"],
    "Node cannot find a module",
    "`npm ci` before it; a file that git ignores is not in the image",
    yes "Error: Cannot find module 'lodash'",
    no "found module 'lodash'";

    "import.node_esm" Import Certain ["ERR_MODULE_NOT_FOUND"],
    "Node cannot find a module",
    "`npm ci` before it; paths of ES modules need their ending",
    yes "  code: 'ERR_MODULE_NOT_FOUND',",
    no "the module was found";

    "library.gdal" Library Certain ["Could not find the G", " library (tried"],
    "Django's GIS finds neither GDAL nor GEOS",
    "`libgdal-dev` or `gdal-bin` in the image",
    yes "django.core.exceptions.ImproperlyConfigured: Could not find the GEOS library (tried \"geos_c\", \"GEOS\").",
    no "found the GDAL library";

    "library.magic" Library Certain ["failed to find libmagic"],
    "a library of the system is not there",
    "`libmagic1` in the image",
    yes "ImportError: failed to find libmagic.  Check your installation",
    no "found libmagic";

    "library.libpq" Library Certain ["no pq wrapper available"],
    "psycopg finds no libpq",
    "`psycopg[binary]`, or `libpq5` in the image",
    yes "ImportError: no pq wrapper available.",
    no "a pq wrapper is available";

    "locale.not_utf8" Locale Likely ["UnicodeDecodeError: 'utf-8' codec can't decode"],
    "a file is read as UTF-8 and is none",
    "open it with its own encoding, or save it as UTF-8",
    yes "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xe4 in position 3: unexpected end of data",
    no "the 'utf-8' codec can decode it";

    "locale.invalid_name" Locale Certain ["invalid locale "],
    "a locale is not installed",
    "`locales` and `locale-gen` in the image, or C.UTF-8",
    yes "initdb: error: invalid locale name \"de_DE.UTF-8\"",
    no "a valid locale";

    "locale.pytz" Locale Certain ["UnknownTimeZoneError"],
    "a time zone is not known",
    "look at its name; `tzdata` in the image",
    yes "pytz.exceptions.UnknownTimeZoneError: 'Europe/Berlinn'",
    no "the time zone is known";

    "library.stdlib" Library Certain ["No module named '_"],
    not ["_pytest"],
    "this Python was built without a library of the system",
    "the library's `-dev` package before Python is built, or an official image",
    yes "ModuleNotFoundError: No module named '_ctypes'",
    no "the module is named _x";

    "library.tkinter" Library Certain ["No module named 'tkinter'"],
    "Python's tkinter is a package of its own in distributions",
    "`python3-tk` in the image, or its way to go without a screen",
    yes "ModuleNotFoundError: No module named 'tkinter'",
    no "imported 'tkinter'";

    "library.shared" Library Likely ["ImportError: ", "shared library"],
    "a library of the system is not there",
    "install its package in the image",
    yes "ImportError: Unable to find zbar shared library",
    no "a library is shared";

    "locale.unknown_encoding" Locale Likely ["LookupError: unknown encoding"],
    "an encoding is not known",
    "look at its name",
    yes "LookupError: unknown encoding: utf8mb4",
    no "the encoding is known";

    "locale.encode" Locale Possible ["UnicodeEncodeError"],
    "text cannot be written in the encoding of the place",
    "LANG=C.UTF-8 (or PYTHONUTF8=1) in the image",
    yes "UnicodeEncodeError: 'latin-1' codec can't encode character '\\u20ac'",
    no "it is encoded";

    "locale.invalid_bytes" Locale Likely ["invalid byte sequence for encoding"],
    "a file is not in the encoding that the database expects",
    "save it as UTF-8, or say its encoding (`PGCLIENTENCODING`)",
    yes "ERROR:  invalid byte sequence for encoding \"UTF8\": 0xfc",
    no "a sequence of bytes";

    "python.asyncore" Python Certain ["No module named 'asyncore'"],
    "`asyncore` left the standard library with Python 3.12",
    "an older Python for now, or a version of the package that does without",
    yes "ModuleNotFoundError: No module named 'asyncore'",
    no "ModuleNotFoundError: No module named 'asyncore_x'";

    "python.asynchat" Python Certain ["No module named 'asynchat'"],
    "`asynchat` left the standard library with Python 3.12",
    "an older Python for now, or a version of the package that does without",
    yes "ModuleNotFoundError: No module named 'asynchat'",
    no "ModuleNotFoundError: No module named 'asynchat_x'";

    "python.cgi" Python Certain ["No module named 'cgi'"],
    "`cgi` left the standard library with Python 3.13",
    "an older Python for now, or a version of the package that does without",
    yes "ModuleNotFoundError: No module named 'cgi'",
    no "ModuleNotFoundError: No module named 'cgi_x'";

    "python.imghdr" Python Certain ["No module named 'imghdr'"],
    "`imghdr` left the standard library with Python 3.13",
    "an older Python for now, or a version of the package that does without",
    yes "ModuleNotFoundError: No module named 'imghdr'",
    no "ModuleNotFoundError: No module named 'imghdr_x'";

    "python.telnetlib" Python Certain ["No module named 'telnetlib'"],
    "`telnetlib` left the standard library with Python 3.13",
    "an older Python for now, or a version of the package that does without",
    yes "ModuleNotFoundError: No module named 'telnetlib'",
    no "ModuleNotFoundError: No module named 'telnetlib_x'";

    "python.pipes" Python Certain ["No module named 'pipes'"],
    "`pipes` left the standard library with Python 3.13",
    "an older Python for now, or a version of the package that does without",
    yes "ModuleNotFoundError: No module named 'pipes'",
    no "ModuleNotFoundError: No module named 'pipes_x'";

    "python.name_of_typing" Python Certain ["cannot import name '", "from 'typing' ("],
    "a name of the standard library is newer than this Python, or gone from it",
    "look in the documentation of `typing` which version has it",
    yes "ImportError: cannot import name 'override' from 'typing' (/usr/lib/python3.10/typing.py)",
    no "ImportError: cannot import name 'override' from 'my_typing' (/app/my_typing.py)";

    "python.name_of_enum" Python Certain ["cannot import name '", "from 'enum' ("],
    "a name of the standard library is newer than this Python, or gone from it",
    "look in the documentation of `enum` which version has it",
    yes "ImportError: cannot import name 'StrEnum' from 'enum' (/usr/lib/python3.10/enum.py)",
    no "ImportError: cannot import name 'StrEnum' from 'my_enum' (/app/my_enum.py)";

    "python.name_of_datetime" Python Certain ["cannot import name '", "from 'datetime' ("],
    "a name of the standard library is newer than this Python, or gone from it",
    "look in the documentation of `datetime` which version has it",
    yes "ImportError: cannot import name 'UTC' from 'datetime' (/usr/lib/python3.10/datetime.py)",
    no "ImportError: cannot import name 'UTC' from 'my_datetime' (/app/my_datetime.py)";

    "python.name_of_inspect" Python Certain ["cannot import name '", "from 'inspect' ("],
    "a name of the standard library is newer than this Python, or gone from it",
    "look in the documentation of `inspect` which version has it",
    yes "ImportError: cannot import name 'getargspec' from 'inspect' (/usr/lib/python3.10/inspect.py)",
    no "ImportError: cannot import name 'getargspec' from 'my_inspect' (/app/my_inspect.py)";

    "python.name_of_asyncio" Python Certain ["cannot import name '", "from 'asyncio' ("],
    "a name of the standard library is newer than this Python, or gone from it",
    "look in the documentation of `asyncio` which version has it",
    yes "ImportError: cannot import name 'coroutine' from 'asyncio' (/usr/lib/python3.10/asyncio.py)",
    no "ImportError: cannot import name 'coroutine' from 'my_asyncio' (/app/my_asyncio.py)";

    "library.browser_deps_few" Library Certain ["Host system is missing a few dependencies to run browsers"],
    "libraries that the browser needs are not installed",
    "`playwright install --with-deps`, or an image that has them",
    yes "Host system is missing a few dependencies to run browsers.",
    no "the host system has all dependencies to run browsers";

    "library.pkg_config_name" Library Certain ["Can not find valid pkg-config name"],
    "the headers of MySQL's client are missing, from which mysqlclient is built",
    "`default-libmysqlclient-dev`, `pkg-config` and `build-essential` in the image",
    yes "Exception: Can not find valid pkg-config name.",
    no "the pkg-config name is valid";
}
