# Runs `export.py` with the first Python that has coverage.py: the one that the tests most
# likely ran with, then those of tools that keep environments of their own.
script=$(command -v coverage)
interpreter=
if [ -n "$script" ]; then
    interpreter=$(sed -n '1{s/^#!//;s/ .*//;p;}' "$script" 2>/dev/null)
fi
for python in \
    "$VIRTUAL_ENV/bin/python" .venv/bin/python venv/bin/python \
    "$interpreter" "$(command -v python3)" "$(command -v python)" \
    .tox/*/bin/python .nox/*/bin/python \
    "$HOME"/.cache/pypoetry/virtualenvs/*/bin/python \
    "$HOME"/.local/share/virtualenvs/*/bin/python \
    "$HOME"/.local/share/hatch/env/virtual/*/*/*/bin/python
do
    [ -x "$python" ] || continue
    "$python" -B - <<'END_OF_EXPORT'
