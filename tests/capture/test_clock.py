"""A phone's clock put right: constant errors, jumps, sleeps, page loads that never spoke to the server."""

from hypothesis import given
from hypothesis import strategies as st

from app.capture.clock import NO_SHIFT, ONE_WAY_RTT_MS, Sample, Shift, Stamp, shifts

HOUR = 3_600_000
T0 = 1_793_600_000_000  # true time at which the page loads begin


class Phone:
    """A simulated phone: true time passes, its wall clock may be wrong and jump, its monotonic one stops in sleep."""

    def __init__(self, wrong_by: int = 0, load: str = "load-1") -> None:
        self.true, self.mono, self.wrong_by, self.load = T0, 100.0, wrong_by, load

    def passes(self, ms: int) -> None:
        self.true += ms
        self.mono += ms

    def sleeps(self, ms: int) -> None:
        self.true += ms

    def is_set(self, by: int) -> None:
        self.wrong_by += by

    def reloads(self, load: str) -> None:
        self.load, self.mono = load, 50.0

    def stamp(self) -> tuple[Stamp, int]:
        return Stamp(self.load, self.mono, self.true + self.wrong_by), self.true

    def sample(self, rtt: float = 80.0, error: float = 0.0) -> Sample:
        return Sample(self.load, self.mono, self.true + self.wrong_by, -self.wrong_by + error, rtt)


def corrected(stamps: list[tuple[Stamp, int]], samples: list[Sample]) -> list[tuple[int, bool]]:
    """(error in ms, uncertain) of each stamp."""
    found = shifts([stamp for stamp, _true in stamps], samples)
    return [(stamp.wall + found[stamp].ms - true, found[stamp].uncertain) for stamp, true in stamps]


def test_without_any_sample_the_stamp_is_true_time() -> None:
    stamp = Stamp("load-1", 5.0, T0)
    assert shifts([stamp], []) == {stamp: NO_SHIFT}


def test_a_constant_error_is_taken_off_before_and_after_the_sample() -> None:
    phone = Phone(wrong_by=3 * HOUR)
    before = phone.stamp()
    phone.passes(60_000)
    sample = phone.sample()
    phone.passes(60_000)
    assert corrected([before, phone.stamp()], [sample]) == [(0, False), (0, False)]


def test_the_sample_with_the_shortest_round_trip_is_believed() -> None:
    phone = Phone(wrong_by=5000)
    stamp = phone.stamp()
    slow, quick = phone.sample(rtt=1800, error=700), phone.sample(rtt=40, error=15)
    assert corrected([stamp], [slow, quick]) == [(15, False)]


def test_a_clock_set_in_between_makes_two_stretches_each_with_its_own_sample() -> None:
    phone = Phone()
    first, sample_1 = phone.stamp(), phone.sample()
    phone.passes(60_000)
    phone.is_set(-2 * HOUR)
    phone.passes(60_000)
    second, sample_2 = phone.stamp(), phone.sample()
    assert corrected([first, second], [sample_1, sample_2]) == [(0, False), (0, False)]


def test_a_clock_set_back_with_no_later_sample_carries_on_by_the_monotonic_clock_and_says_so() -> None:
    phone = Phone()
    first, sample = phone.stamp(), phone.sample()
    phone.passes(60_000)
    phone.is_set(-2 * HOUR)
    phone.passes(60_000)
    assert corrected([first, phone.stamp()], [sample]) == [(0, False), (0, True)]


def test_a_clock_set_back_with_no_earlier_sample_is_carried_backwards() -> None:
    phone = Phone(wrong_by=2 * HOUR)
    first = phone.stamp()
    phone.passes(60_000)
    phone.is_set(-2 * HOUR)
    second, sample = phone.stamp(), phone.sample()
    assert corrected([first, second], [sample]) == [(0, True), (0, False)]


def test_a_sleep_counts_as_time_that_passed() -> None:
    phone = Phone(wrong_by=700)
    first, sample = phone.stamp(), phone.sample()
    phone.passes(1)
    phone.sleeps(10 * 60_000)
    assert corrected([first, phone.stamp()], [sample]) == [(0, False), (0, True)]


def test_samples_that_cannot_both_be_right_leave_what_lies_between_uncertain() -> None:
    phone = Phone()
    sample_1 = phone.sample()
    phone.passes(60_000)
    phone.sleeps(2 * HOUR)
    phone.is_set(-2 * HOUR)  # the two hide each other from both clocks
    hidden = phone.stamp()
    phone.passes(60_000)
    sample_2 = phone.sample()
    after = phone.stamp()
    found = corrected([hidden, after], [sample_1, sample_2])
    assert found[0][1]
    assert found[1] == (0, False)


def test_a_page_load_without_samples_takes_those_on_both_sides_of_it() -> None:
    phone = Phone(wrong_by=HOUR)
    before = phone.sample()
    phone.reloads("load-2")
    phone.passes(5000)
    offline = phone.stamp()
    phone.reloads("load-3")
    phone.passes(5000)
    assert corrected([offline], [before, phone.sample()]) == [(0, False)]


def test_with_a_sample_on_one_side_alone_nobody_knows_whether_the_clock_was_set_between() -> None:
    phone = Phone(wrong_by=HOUR)
    sample = phone.sample()
    phone.reloads("load-2")
    phone.passes(5000)
    assert corrected([phone.stamp()], [sample]) == [(0, True)]


def test_a_request_that_came_measures_one_way_only_until_the_phone_tells_what_it_measured_itself() -> None:
    phone = Phone(wrong_by=HOUR)
    tap, came = phone.stamp(), phone.sample(rtt=ONE_WAY_RTT_MS, error=15_000)
    phone.passes(30_000)
    assert corrected([tap], [came]) == [(15_000, True)]
    assert corrected([tap], [came, phone.sample()]) == [(0, False)]
    phone.reloads("load-2")
    offline = phone.stamp()
    phone.reloads("load-3")
    phone.passes(5000)
    assert corrected([offline], [came, phone.sample()])[0][1]  # nor does it speak for a page load beside it


def test_neighbours_that_disagree_leave_it_uncertain() -> None:
    phone = Phone(wrong_by=HOUR)
    early = phone.sample()
    phone.reloads("load-2")
    phone.passes(5000)
    offline = phone.stamp()
    phone.passes(2 * HOUR)
    phone.is_set(-HOUR)
    phone.reloads("load-3")
    assert corrected([offline], [early, phone.sample()]) == [(0, True)]


steps = st.lists(
    st.tuples(st.sampled_from(["pass", "sleep", "set", "sample", "stamp"]), st.integers(2000, 2 * HOUR)), max_size=40
)


@given(wrong_by=st.integers(-24 * HOUR, 24 * HOUR), steps=steps)
def test_a_stamp_is_right_or_flagged(wrong_by: int, steps: list[tuple[str, int]]) -> None:
    """Never a jump and a sleep between two marks: those can hide each other, which no phone can notice."""
    phone = Phone(wrong_by)
    stamps, samples = [phone.stamp()], [phone.sample()]
    for step, ms in steps:
        if step == "pass":
            phone.passes(ms)
        elif step == "sleep":
            phone.sleeps(ms)
            stamps.append(phone.stamp())
        elif step == "set":
            phone.is_set(ms if ms % 2 else -ms)
            stamps.append(phone.stamp())
        elif step == "sample":
            samples.append(phone.sample(rtt=20 + ms % 400))
        else:
            stamps.append(phone.stamp())
        phone.passes(1)
    for error, uncertain in corrected(stamps, samples):
        assert uncertain or abs(error) <= 1000


@given(order=st.permutations(range(4)))
def test_the_order_of_stamps_and_samples_does_not_matter(order: list[int]) -> None:
    phone = Phone(wrong_by=HOUR)
    stamps, samples = [], []
    for _n in range(4):
        stamps.append(phone.stamp()[0])
        phone.passes(60_000)
        samples.append(phone.sample())
    shuffled = shifts([stamps[n] for n in order], [samples[n] for n in reversed(order)])
    assert shuffled == shifts(stamps, samples) == dict.fromkeys(stamps, Shift(-HOUR, False))
