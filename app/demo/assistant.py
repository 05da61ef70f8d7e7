"""One MA's day, lived minute by minute: patients first, then whatever waits, while things keep coming up.

A generative model, no replay: lengths and what comes up are drawn as the day goes, so that what happens at eleven
depends on what went late at ten. All chance comes from the `Random` given.
"""

import heapq
from dataclasses import dataclass, field
from itertools import count
from random import Random

from app.demo import parameters as p
from app.demo.ledger import Act, Beside, Episode, Ledger, Stretch
from app.demo.visits import HOUR, MINUTE, Job, length_ms


class _DayOver(Exception):
    """Closing time, in the midst of whatever is going on."""


@dataclass(frozen=True, slots=True)
class _Doing:
    """What is in hand, by its number; the task None is idleness, or dealing with something that has no name."""

    task: str | None
    occurrence: int


@dataclass(slots=True)
class _Due:
    rest: p.Rest
    at: int
    gives_way_until: int


@dataclass(slots=True)
class AssistantDay:
    """`live()` fills `ledger`. `number`: of this MA among those present, which staggers the breaks."""

    rng: Random
    ledger: Ledger
    number: int
    pace: float
    jobs: list[Job]
    now: int = field(init=False)
    doing: _Doing = field(default=_Doing(None, 0), init=False)
    broken_off: list[tuple[_Doing, Episode]] = field(default_factory=list, init=False)
    beside: list[Beside] = field(default_factory=list, init=False)
    queue: list[tuple[int, int, Job]] = field(default_factory=list, init=False)
    rests: list[_Due] = field(default_factory=list, init=False)
    numbers: "count[int]" = field(default_factory=lambda: count(1), init=False)

    def __post_init__(self) -> None:
        self.now = self.ledger.opening
        for job in self.jobs:
            self._expect(job)
        patience = p.PATIENCE[self.ledger.day_type] * MINUTE
        for rest in p.RESTS:
            at = self.ledger.opening + round((rest.due + self.number * rest.step - p.OPENING) * HOUR)
            self.rests.append(_Due(rest, at, at + round(self.rng.expovariate(1 / patience))))
            self.ledger.rests[rest.task].due += 1

    def live(self) -> Ledger:
        try:
            for task in ("talk-team", "equipment-checks"):
                self._work(task, self._length(task))
            while True:
                self._go_on()
        except _DayOver:
            late = [job for due, _n, job in self.queue if due <= self.ledger.closing]
            self.ledger.left_ms = sum(job.work_ms for job in late)
        return self.ledger

    # -- what to do next

    def _go_on(self) -> None:
        patient_waits = bool(self.queue) and self.queue[0][0] <= self.now
        if self.rests and self._is_time_for(self.rests[0], patient_waits):
            self._rest(self.rests.pop(0))
        elif patient_waits:
            self._see_to(heapq.heappop(self.queue)[2])
        else:
            self._fill_in()

    def _is_time_for(self, due: _Due, patient_waits: bool) -> bool:
        return due.at <= self.now and (not patient_waits or due.gives_way_until <= self.now)

    def _rest(self, due: _Due) -> None:
        of_day, slipped = self.ledger.rests[due.rest.task], (self.now - due.at) / MINUTE
        minutes = due.rest.minutes
        if slipped > p.MISSED and due.rest.task == "break":
            of_day.missed += 1
            return
        if slipped > p.LATE:
            of_day.late += 1
            minutes *= 0.8
        self._work(due.rest.task, round(minutes * MINUTE * self.rng.uniform(0.85, 1.1)))

    def _see_to(self, job: Job) -> None:
        """A patient's steps; what an interruption makes one give up is taken up again some minutes later."""
        for done, (task, ms) in enumerate(job.steps):
            self._get_ready()
            left = self._work(task, ms)
            if left:
                again = [(task, left), *job.steps[done + 1 :]]
                self._expect(Job(self.now + length_ms(self.rng, 4.0), again, job.then))
                return
        if job.then is not None:
            after_ms, following = job.then
            following.due = self.now + after_ms
            self._expect(following)

    def _expect(self, job: Job) -> None:
        heapq.heappush(self.queue, (job.due, next(self.numbers), job))

    def _get_ready(self) -> None:
        day_type = self.ledger.day_type
        for task, chance in (("walking", p.WALKS), ("searching", p.LOOKS[day_type]), ("waiting", p.WAITS[day_type])):
            if self.rng.random() < chance:
                self._work(task, self._length(task))

    def _fill_in(self) -> None:
        """No patient waits: something that lies about. Waiting ends when a patient comes."""
        which = p.DAY_TYPES.index(self.ledger.day_type)
        could = {task: row[which] for task, row in p.BETWEEN_PATIENTS.items()}
        if self.doing.task in p.ONCE:
            del could[self.doing.task]
        task = self.rng.choices(list(could), list(could.values()))[0]
        ms = self._length(task)
        if task == "waiting" and self.queue:
            ms = max(5_000, min(ms, self.queue[0][0] - self.now))
        self._work(task, ms)
        if self.rng.random() < p.IDLES and self.doing.task is not None:
            self._stop()
            self._keep_at_it(length_ms(self.rng, 0.5))

    def _length(self, task: str) -> int:
        return length_ms(self.rng, p.MINUTES[task] * self.pace)

    # -- doing it

    def _work(self, task: str, ms: int) -> int:
        """Does this for `ms` of its own time and counts what is done. What is left of it if it was given up: ms."""
        self._start(task)
        left = self._keep_at_it(ms)
        if not left and task in p.COUNTED:
            self._count(p.COUNTED[task])
        if not left and task in ("documentation", "forms", "poc-testing") and self.rng.random() < p.REWORK:
            self._count("rework")
        return left

    def _start(self, task: str) -> None:
        self._end_beside(task)
        self.doing = _Doing(task, next(self.numbers))
        self._act("start", task=task)

    def _stop(self) -> None:
        self.doing = _Doing(None, next(self.numbers))
        self._act("stop")

    def _count(self, counter: str) -> None:
        self._act("count", counter=counter)

    def _keep_at_it(self, ms: int) -> int:
        """Until `ms` of it are done, whatever comes up meanwhile, or until it is given up: what is left then."""
        left = ms
        while True:
            asked, takes_up = self._per_ms()
            wait = round(self.rng.expovariate(asked + takes_up)) + 1
            if wait >= left:
                self._pass(left)
                return 0
            self._pass(wait)
            left -= wait
            if self.rng.random() < takes_up / (asked + takes_up):
                self._take_up()
            elif not self._asked():
                return left

    def _per_ms(self) -> tuple[float, float]:
        """How often something comes up, and how often a second thing is taken up unasked, at this hour and task."""
        hour = p.OPENING + (self.now - self.ledger.opening) // HOUR
        asked = p.ASKED * p.ASKED_BY_DAY[self.ledger.day_type] * p.ASKED_BY_HOUR[hour]
        asked *= p.ASKED_BY_TASK.get(self.doing.task or "", 1.0) * p.ASKED_INSIDE ** len(self.broken_off)
        takes_up = p.TAKES_UP if self.doing.task in p.TAKEN_UP else 0.0
        return asked / HOUR, takes_up / HOUR

    def _pass(self, ms: int) -> None:
        """Time passes; what runs beside ends when it ends. Raises _DayOver at closing time."""
        until = min(self.now + ms, self.ledger.closing)
        while self.beside and (first := min(self.beside, key=lambda held: held.end)).end <= until:
            self._lapse(first.end)
            self._end_beside(first.task)
        self._lapse(until)
        if until == self.ledger.closing:
            raise _DayOver

    def _lapse(self, until: int) -> None:
        if until > self.now:
            triggers = tuple(episode.trigger for _broken, episode in self.broken_off)
            doing = self.doing
            self.ledger.stretches.append(
                Stretch(self.now, until, doing.task, doing.occurrence, tuple(self.beside), triggers)
            )
            self.now = until

    def _act(self, kind: str, **fields: str) -> None:
        self.ledger.acts.append(Act(self.now, kind, fields))

    # -- what comes up

    def _asked(self) -> bool:
        """Somebody or something asks. Whether the work in hand goes on, now or after it."""
        trigger = self._trigger()
        chance = 0.0 if trigger == "self" else self.rng.random()  # one does not merely ask oneself
        if chance < p.SWITCHES and len(self.broken_off) < p.DEEPEST:
            return self._break_off(trigger)
        beside = p.TRIGGERS[trigger].beside
        if p.SWITCHES <= chance < p.SWITCHES + p.BESIDE and beside is not None and self._can_add(beside):
            self._add(beside, trigger)
        elif trigger != "self":
            self._act("prompt", trigger=trigger)
        return True

    def _trigger(self) -> str:
        is_high = self.ledger.day_type == "high"
        weights = [of.weight * (of.on_high if is_high else 1.0) for of in p.TRIGGERS.values()]
        return self.rng.choices(list(p.TRIGGERS), weights)[0]

    def _break_off(self, trigger: str) -> bool:
        """Another thing first. Whether one goes back to the work in hand afterwards."""
        of = p.TRIGGERS[trigger]
        tasks, weights = zip(*of.brings, strict=True)
        task = self.rng.choices(tasks, weights)[0]
        if task is not None:
            self._end_beside(task)
        episode = Episode(trigger, self.doing.task, self.now, self.ledger.closing)
        self.ledger.episodes.append(episode)
        self.broken_off.append((self.doing, episode))
        self.doing = _Doing(task, next(self.numbers))
        self._act("interrupt", trigger=trigger, **({} if task is None else {"task": task}))
        self._keep_at_it(length_ms(self.rng, of.minutes * self.pace))
        self._count_what_came(trigger, task)
        if self.rng.random() < p.SECOND_TASK:
            self._start("walking" if task == "searching" else "documentation")
            self._keep_at_it(length_ms(self.rng, 0.7))
        return self._come_back(episode)

    def _count_what_came(self, trigger: str, task: str | None) -> None:
        if trigger in ("add-on", "walk-in"):
            self._count(f"{trigger}s")
        if task in ("vaccines", "poc-testing", "callbacks"):
            self._count(p.COUNTED[task])

    def _come_back(self, episode: Episode) -> bool:
        broken, _episode = self.broken_off.pop()
        episode.end = self.now
        if not self.broken_off and broken.task is not None and self.rng.random() < p.GIVEN_UP:
            episode.outcome = "abandoned"
            self._act("abandon")
            return False
        episode.outcome = "resumed"
        self.doing = broken
        self._act("resume")
        return True

    def _take_up(self) -> None:
        tasks = [task for task in p.TAKEN_UP.get(self.doing.task or "", ()) if self._can_add(task)]
        if tasks:
            self._add(self.rng.choice(tasks), None)

    def _can_add(self, task: str) -> bool:
        """One thing beside at a time, and never what is in hand or waits to be gone back to."""
        return not self.beside and task not in {self.doing.task, *(broken.task for broken, _e in self.broken_off)}

    def _add(self, task: str, trigger: str | None) -> None:
        end = self.now + length_ms(self.rng, p.MINUTES[task] * p.BESIDE_FOR * self.pace)
        self.beside.append(Beside(task, trigger, end))
        self._act("parallel_start", task=task, **({} if trigger is None else {"trigger": trigger}))

    def _end_beside(self, task: str) -> None:
        for held in [held for held in self.beside if held.task == task]:
            self.beside.remove(held)
            self._act("parallel_stop", task=task)
