from search.space.sections import SchedulerConfig, SearchConfig
from search.stopping.early_stopping import EarlyStopping


def early_stopping(name="asha", metric="valid/mae", **options):
    search = SearchConfig(
        trials=4,
        objective={"metric": metric},
        scheduler=SchedulerConfig(name=name, min_epochs=1, reduction=2, **options),
        parameters={"training.batch_size": {"choice": [16]}},
    )
    return EarlyStopping(search, max_epochs=4)


def test_the_worse_half_at_a_rung_is_stopped():
    """After 0.5 and 0.7 the median is 0.6: 0.65 is worse, 0.55 is not."""
    stopping = early_stopping()
    assert not stopping.record_and_decide("a", 0, epoch=1, value=0.5)
    assert stopping.record_and_decide("b", 0, epoch=1, value=0.7)
    assert stopping.record_and_decide("c", 0, epoch=1, value=0.65)
    assert not stopping.record_and_decide("d", 0, epoch=1, value=0.45)


def test_more_is_better_where_the_objective_says_so():
    stopping = early_stopping(metric="valid/corr")
    assert not stopping.record_and_decide("a", 0, epoch=1, value=0.7)
    assert stopping.record_and_decide("b", 0, epoch=1, value=0.5)


def test_an_epoch_shown_again_changes_nothing():
    once, twice = early_stopping(), early_stopping()
    for stopping, times in ((once, 1), (twice, 2)):
        for _ in range(times):
            stopping.record_and_decide("a", 0, epoch=1, value=0.5)
    values = [0.49, 0.51]
    assert [once.record_and_decide(f"b{v}", 0, epoch=1, value=v) for v in values] == [
        twice.record_and_decide(f"b{v}", 0, epoch=1, value=v) for v in values
    ]


def test_without_a_scheduler_nothing_is_stopped():
    stopping = early_stopping("none")
    assert not any(
        stopping.record_and_decide(str(value), 0, epoch=1, value=value) for value in range(9)
    )


def test_a_metric_without_a_value_does_not_stop_a_trial():
    stopping = early_stopping()
    stopping.record_and_decide("a", 0, epoch=1, value=0.5)
    assert not stopping.record_and_decide("b", 0, epoch=1, value=float("nan"))


def test_the_median_stops_by_the_direction_of_the_objective():
    """0.7 is the median of 0.5, 0.7 and 0.9: an error of 0.8 is behind it, a correlation is not."""
    for metric, behind in (("valid/mae", True), ("valid/corr", False)):
        stopping = early_stopping("median", metric, min_trials=3)
        for number, value in enumerate((0.5, 0.7, 0.9)):
            stopping.record_and_decide(str(number), number, epoch=1, value=value)
        assert stopping.record_and_decide("new", 3, epoch=1, value=0.8) is behind


def test_hyperband_asks_for_the_bracket_of_the_number():
    """Of 1, 2 and 4 epochs the numbers 0 and 3 are in the strictest bracket, 1 in the next."""
    stopping = early_stopping("hyperband")
    assert not stopping.record_and_decide("a", 0, epoch=1, value=0.5)
    assert stopping.record_and_decide("d", 3, epoch=1, value=0.7)
    assert not stopping.record_and_decide("b", 1, epoch=1, value=0.7)
