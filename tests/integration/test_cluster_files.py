"""The files of docs/cluster, checked as far as this goes without ssh, Kubernetes and Slurm."""

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest
import typer
import yaml

from search.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
FILES = ROOT / "docs" / "cluster"

FIELDS = json.loads((ROOT / "tests" / "golden" / "rayjob_fields.json").read_text())


def loaded(name):
    return yaml.safe_load((FILES / name).read_text())


def script():
    return (FILES / "slurm.sh").read_text()


def page():
    return (ROOT / "docs" / "cluster.md").read_text()


def ray_version():
    return re.search(r"^ray==(\S+)", (ROOT / "constraints.txt").read_text(), re.MULTILINE)[1]


def ray_options(command):
    """Return the long options of each `ray start` in a text of shell."""
    joined = command.replace("\\\n", " ")
    return {
        option
        for line in re.findall(r"ray start (.*)", joined)
        for option in re.findall(r"(--[a-z-]+)", line)
    }


def search_commands():
    """Yield the arguments of every sugrm-search command of the files and the page."""
    texts = [loaded("rayjob.yaml")["spec"]["entrypoint"], script(), page()]
    for text in texts:
        for line in text.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True) if "sugrm-search " in line else []
            for inner in (words, *(shlex.split(word) for word in words if " " in word)):
                for index, word in enumerate(inner):
                    if word.rpartition("/")[2] == "sugrm-search" and inner[index + 1 :]:
                        yield [each for each in inner[index + 1 :] if each not in ("&", "$@")]


def test_the_launcher_file_follows_rays_own_schema():
    import jsonschema
    import ray

    schema = Path(ray.__file__).parent / "autoscaler" / "ray-schema.json"
    jsonschema.validate(loaded("launcher.yaml"), json.loads(schema.read_text()))


def test_no_node_of_the_launcher_starts_without_a_token():
    launcher = loaded("launcher.yaml")
    home = f"/home/{launcher['auth']['ssh_user']}"
    assert launcher["file_mounts"] == {f"{home}/.ray/auth_token": "~/.ray/auth_token"}
    for kind in ("head", "worker"):
        commands = launcher[f"{kind}_start_ray_commands"]
        (start,) = [command for command in commands if "ray start" in command]
        assert start.index("export RAY_AUTH_MODE=token ") < start.index("ray start")


def test_ray_fills_in_the_rest_of_the_launcher_file():
    """What `ray up` does with the file before it connects anywhere."""
    from ray.autoscaler._private.util import prepare_config, validate_config

    config = prepare_config(loaded("launcher.yaml"))
    validate_config(config)
    addresses = config["provider"]["worker_ips"]
    assert config["available_node_types"]["local.cluster.node"]["max_workers"] == len(addresses)


def test_the_rayjob_has_no_field_that_kuberay_does_not_know():
    job = loaded("rayjob.yaml")
    assert (job["apiVersion"], job["kind"]) == ("ray.io/v1", "RayJob")
    cluster = job["spec"]["rayClusterSpec"]
    assert set(job["spec"]) <= set(FIELDS["job"])
    assert set(cluster) <= set(FIELDS["cluster"])
    assert set(cluster["headGroupSpec"]) <= set(FIELDS["head"])
    for group in cluster["workerGroupSpecs"]:
        assert set(group) <= set(FIELDS["worker"])
        assert group["minReplicas"] <= group["replicas"] <= group["maxReplicas"]


def test_every_pod_of_the_rayjob_mounts_the_shared_folder_and_has_the_same_image():
    cluster = loaded("rayjob.yaml")["spec"]["rayClusterSpec"]
    images = set()
    for group in (cluster["headGroupSpec"], *cluster["workerGroupSpecs"]):
        pod = group["template"]["spec"]
        (container,) = pod["containers"]
        volumes = {volume["name"] for volume in pod["volumes"]}
        mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
        assert mounts == dict.fromkeys(volumes, "/shared")
        images.add(container["image"])
    assert len(images) == 1
    assert f"-t {images.pop()} ." in (FILES / "Dockerfile").read_text()


def test_the_shell_pod_has_the_claim_image_and_environment_of_the_rayjob():
    claim, pod = yaml.safe_load_all((FILES / "shared.yaml").read_text())
    head = loaded("rayjob.yaml")["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]["spec"]
    assert (claim["kind"], claim["metadata"]["name"]) == ("PersistentVolumeClaim", "sugrm")
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    (shell,), (ray,) = pod["spec"]["containers"], head["containers"]
    assert pod["spec"]["volumes"] == head["volumes"]
    assert {"persistentVolumeClaim": {"claimName": "sugrm"}}.items() <= head["volumes"][0].items()
    assert (shell["image"], shell["volumeMounts"]) == (ray["image"], ray["volumeMounts"])
    assert {each["name"] for each in shell["env"]} == {"SUGRM_CACHE", "HF_HOME"}
    assert all(each in ray["env"] for each in shell["env"])
    assert set(re.findall(r"registry\.example\.org/\S+", page())) == {shell["image"]}
    assert set(re.findall(r"\w+-shell", page())) == {pod["metadata"]["name"]}


def test_the_rayjob_names_the_ray_that_is_tested_here():
    assert loaded("rayjob.yaml")["spec"]["rayClusterSpec"]["rayVersion"] == ray_version()


def test_ray_start_knows_every_option_that_the_files_give_it():
    from ray.scripts.scripts import start

    known = {option for parameter in start.params for option in parameter.opts}
    launcher = loaded("launcher.yaml")
    commands = [*launcher["head_start_ray_commands"], *launcher["worker_start_ray_commands"]]
    given = set().union(*(ray_options(command) for command in commands), ray_options(script()))
    cluster = loaded("rayjob.yaml")["spec"]["rayClusterSpec"]
    for group in (cluster["headGroupSpec"], *cluster["workerGroupSpecs"]):
        given |= {f"--{name}" for name in group["rayStartParams"]}
    assert {"--head", "--port", "--address", "--num-cpus"} <= given
    assert given - known == set()


def test_every_sugrm_search_command_of_the_files_is_one():
    """Parsed by the command line itself: an unknown command or option is an error."""
    commands = list(search_commands())
    assert len(commands) >= 5
    group = typer.main.get_command(app)
    context = group.make_context("sugrm-search", [], resilient_parsing=True)
    for words in commands:
        _, command, rest = group.resolve_command(context, list(words))
        # The Slurm script passes its own arguments on in the place of the space.
        rest = rest if rest and not rest[0].startswith("--") else ["SPACE", *rest]
        command.make_context(words[0], rest)


def test_the_slurm_script_is_bash():
    done = subprocess.run(
        ["bash", "-n", str(FILES / "slurm.sh")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", sorted(path.name for path in FILES.iterdir()))
def test_the_page_names_every_file(name):
    assert f"cluster/{name}" in page()
