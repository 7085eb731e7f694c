# Looks at the environment of a job beside its tests: `facts.py` with the Python that
# they most likely ran with. Without one, what a shell knows.
python=
for each in "$VIRTUAL_ENV/bin/python" .venv/bin/python venv/bin/python; do
    if [ -x "$each" ]; then
        python=$each
        break
    fi
done
: "${python:=$(command -v python3 || command -v python)}"
if [ -z "$python" ]; then
    printf '{"uid":%d,"gid":%d,"machine":"%s"}\n' "$(id -u)" "$(id -g)" "$(uname -m)"
    exit
fi
