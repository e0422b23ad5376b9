"""A whole experiment: everything that decides a trial's numbers except its seed and its data."""

from typing import ClassVar, Literal

from pydantic import model_validator

from sugrm.config.model import ModelConfig
from sugrm.config.models import SugrmConfig
from sugrm.config.sections.objective import ObjectiveConfig
from sugrm.config.sections.section import Section
from sugrm.config.sections.start import StartFrom
from sugrm.config.sections.training import TrainingConfig
from sugrm.types import MODALITY_OF, Modality


class ExperimentConfig(Section):
    """One fully resolved setting; the defaults are the paper's for MOSI.

    Where ``objective.tasks`` is left out, it is every task that the model can predict from the
    streams that it reads: without vision M, T and A. ``start_from`` names a trained model whose
    weights training starts from.
    """

    ADDED: ClassVar[tuple[str, ...]] = ("start_from",)

    alignment: Literal["unaligned", "aligned"] = "unaligned"
    model: ModelConfig = SugrmConfig()
    objective: ObjectiveConfig = ObjectiveConfig()
    training: TrainingConfig = TrainingConfig()
    start_from: StartFrom | None = None

    @model_validator(mode="after")
    def _tasks_follow_the_model(self) -> "ExperimentConfig":
        if "tasks" not in self.objective.model_fields_set:
            filled = self.objective.model_copy(update={"tasks": self.model.tasks})
            object.__setattr__(self, "objective", filled)  # frozen, but no caller has it yet
        return self

    @model_validator(mode="after")
    def _model_takes_the_alignment(self) -> "ExperimentConfig":
        if self.alignment == "unaligned" and not self.model.UNALIGNED:
            raise ValueError(
                f"model.name: {self.model.name} needs aligned input; got alignment: unaligned; "
                "set alignment: aligned, or choose another model"
            )
        return self

    @model_validator(mode="after")
    def _model_has_the_text_it_aligns_to(self) -> "ExperimentConfig":
        streams = self.model.streams
        if self.alignment == "unaligned" and self.model.ALIGNS and Modality.TEXT not in streams:
            raise ValueError(
                f"model.name: {self.model.name} aligns unaligned input to the text; got "
                f"model.modalities: {', '.join(streams)}; add text, set alignment: aligned, or "
                "choose another model"
            )
        return self

    @model_validator(mode="after")
    def _model_has_the_tasks(self) -> "ExperimentConfig":
        known = self.model.TASKS
        if foreign := [task for task in self.objective.tasks if task not in known]:
            raise ValueError(
                f"objective.tasks names {', '.join(foreign)}; model.name: {self.model.name} "
                f"predicts {', '.join(known)} alone; leave the others out"
            )
        return self

    @model_validator(mode="after")
    def _model_reads_the_streams_of_its_tasks(self) -> "ExperimentConfig":
        read, tasks = self.model.streams, self.objective.tasks
        known = self.model.tasks
        if blind := [task for task in tasks if task in self.model.TASKS and task not in known]:
            streams = ", ".join(MODALITY_OF[task] for task in blind)
            raise ValueError(
                f"objective.tasks names {', '.join(blind)}, but model.modalities: "
                f"{', '.join(read)} leaves out {streams}; set objective.tasks: "
                f"[{', '.join(task for task in tasks if task in known)}], leave it out (it then "
                f"follows the modalities), or add {streams} to model.modalities"
            )
        return self

    @model_validator(mode="after")
    def _features_have_one_width_where_labels_need_it(self) -> "ExperimentConfig":
        options = self.model.WIDTH_OPTIONS
        tasks = [task for task in self.objective.tasks if task in options]
        widths = {task: getattr(self.model, options[task]) for task in tasks}
        if self.objective.labels.needs_one_width and len(set(widths.values())) > 1:
            got = ", ".join(f"{task} {width}" for task, width in widths.items())
            names = [f"model.{options[task]}" for task in tasks]
            raise ValueError(
                f"objective.labels.name: {self.objective.labels.name} needs one feature width for "
                f"every task; got {got}; set {', '.join(names[:-1])} and {names[-1]} to one value, "
                "or objective.labels.name: self_mm"
            )
        return self
