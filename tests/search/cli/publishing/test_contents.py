from reports.ledger.reading.recorded_experiment import Version
from search.cli.publishing.contents import plugin_files


def test_only_python_files_inside_the_folder_are_written():
    names = [
        "late.py",
        "pkg/__init__.py",
        "../out.py",
        "/a.py",
        "trials/x.py",
        "README.md",
        "a b.py",
    ]
    version = Version(plugins={"late": {"digest": "d", "files": dict.fromkeys(names, "")}})
    assert list(plugin_files(version)) == ["late.py", "pkg/__init__.py"]
    assert plugin_files(Version(plugins={"installed": {"digest": "d"}})) == {}
