"""Inputs of others that crash dissectors: every packet has a fate here."""

import pytest

import lab


def names():
    import os
    import pathlib
    path = pathlib.Path(os.environ.get("SE_VECTORS", "")) / "malformed"
    files = sorted(path.glob("*")) if path.is_dir() else []
    # a dozen files a test: a process each would take long
    return [files[i:i + 25] for i in range(0, len(files), 25)] or [[]]


@pytest.mark.parametrize("side", ["clear", "tunnel"])
@pytest.mark.parametrize("group", range(len(names())))
def test_malformed_captures_are_accounted_for(router, vectors, side, group):
    conf = router.file("c.conf", lab.config())
    port = "1/1" if side == "clear" else "2/1"
    for path in names()[group]:
        out = router.path / "r.json"
        out.unlink(missing_ok=True)
        done = router.sesim("replay", "--config", conf, "--in", f"{port}={path}",
                            "--json", out, "--transport", "inproc")
        assert done.returncode in (0, 1), (path.name, done.returncode, done.stderr)
        assert "Sanitizer" not in done.stderr, (path.name, done.stderr)
        if out.exists():
            import json
            assert lab.balanced(json.loads(out.read_text())), path.name
        else:
            assert path.name in done.stderr, (path.name, done.stderr)
