"""Lanes, cancel, progress: the owner's thread is played by a queue that the test empties by hand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from owner import PATIENCE_S, Owner

from core.errors import UnreadableFile
from core.jobs import NO_JOB, Cancelled, Job, JobContext, JobQueue, JobState, Lane, Progress


@pytest.fixture
def owner() -> Owner:
    return Owner()


@pytest.fixture
def jobs(owner: Owner) -> Iterator[JobQueue]:
    threads_before = threading.active_count()
    made = JobQueue(owner.deliver)
    yield made
    made.shutdown()
    assert threading.active_count() == threads_before


def blocker(started: threading.Event, release: threading.Event) -> Callable[[JobContext], str]:
    def work(ctx: JobContext) -> str:
        started.set()
        assert release.wait(PATIENCE_S)
        return "answer"

    return work


def test_result_comes_back_on_the_owners_thread(owner: Owner, jobs: JobQueue) -> None:
    seen: list[tuple[int, str]] = []
    worker: list[int] = []

    def work(ctx: JobContext) -> int:
        worker.append(threading.get_ident())
        return 7

    job = jobs.submit(
        Lane.READ, "Read", work, lambda n: seen.append((n, str(threading.get_ident() == worker[0])))
    )
    assert job.active
    owner.run_until(lambda: not job.active)
    assert seen == [(7, "False")]
    assert job.state is JobState.DONE
    assert jobs.active == ()


def test_failure_goes_to_on_failed_with_its_kind(owner: Owner, jobs: JobQueue) -> None:
    failures: list[BaseException] = []

    def work(ctx: JobContext) -> int:
        raise UnreadableFile("a.dcm is empty.", "Copy it again.")

    job = jobs.submit(Lane.READ, "Read", work, lambda n: pytest.fail("no result"), failures.append)
    owner.run_until(lambda: not job.active)
    assert job.state is JobState.FAILED
    assert str(failures[0]) == "a.dcm is empty. Copy it again."


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, BaseException, GeneratorExit])
def test_base_exceptions_are_not_lost(owner: Owner, jobs: JobQueue, kind: type[BaseException]) -> None:
    failures: list[BaseException] = []

    def work(ctx: JobContext) -> int:
        raise kind("panic in a foreign library")

    job = jobs.submit(Lane.GPU, "Analyze", work, lambda n: None, failures.append)
    owner.run_until(lambda: not job.active)
    assert type(failures[0]) is kind
    assert jobs.submit(Lane.GPU, "Next", lambda ctx: 1, lambda n: None).active


def test_failure_without_on_failed_is_raised_on_the_owners_thread(owner: Owner, jobs: JobQueue) -> None:
    def work(ctx: JobContext) -> int:
        raise ZeroDivisionError

    job = jobs.submit(Lane.READ, "Read", work, lambda n: None)
    with pytest.raises(ZeroDivisionError):
        owner.run_until(lambda: not job.active)
    assert job.state is JobState.FAILED


def test_cancel_wins_over_a_result_that_is_on_its_way(owner: Owner, jobs: JobQueue) -> None:
    finished = threading.Event()

    def work(ctx: JobContext) -> int:
        finished.set()
        return 1

    job = jobs.submit(Lane.READ, "Read", work, lambda n: pytest.fail("cancelled"))
    assert finished.wait(PATIENCE_S)
    jobs.submit(Lane.READ, "After it", lambda ctx: 2, lambda n: None)
    job.cancel()
    owner.run_until(lambda: not jobs.active)
    owner.run_waiting()
    assert job.state is JobState.CANCELLED


def test_cancel_wins_over_a_failure_that_is_on_its_way(owner: Owner, jobs: JobQueue) -> None:
    def work(ctx: JobContext) -> int:
        raise ZeroDivisionError

    job = jobs.submit(Lane.READ, "Read", work, lambda n: None, lambda error: pytest.fail("cancelled"))
    job.cancel()
    jobs.shutdown()
    owner.run_waiting()
    assert job.state is JobState.CANCELLED


def test_cancel_stops_work_at_its_next_checkpoint_and_frees_the_lane(owner: Owner, jobs: JobQueue) -> None:
    started = threading.Event()
    stopped = threading.Event()

    def endless(ctx: JobContext) -> None:
        started.set()
        try:
            while True:
                try:
                    ctx.checkpoint()
                except Exception:  # noqa: BLE001  # what careless code on the way might do
                    pytest.fail("Cancelled must pass through a broad except")
        finally:
            stopped.set()

    job = jobs.submit(Lane.GPU, "Analyze", endless, lambda n: None)
    assert started.wait(PATIENCE_S)
    job.cancel()
    assert stopped.wait(PATIENCE_S)
    answers: list[int] = []
    jobs.submit(Lane.GPU, "Next", lambda ctx: 3, answers.append)
    owner.run_until(lambda: answers == [3])


def test_report_raises_cancelled_too(owner: Owner, jobs: JobQueue) -> None:
    raised = threading.Event()
    started = threading.Event()
    release = threading.Event()

    def work(ctx: JobContext) -> None:
        started.set()
        assert release.wait(PATIENCE_S)
        try:
            ctx.report(1, 2)
        except Cancelled:
            raised.set()
            raise

    job = jobs.submit(Lane.READ, "Scan", work, lambda n: None)
    assert started.wait(PATIENCE_S)
    job.cancel()
    release.set()
    assert raised.wait(PATIENCE_S)


def test_a_queued_job_that_is_cancelled_never_runs(owner: Owner, jobs: JobQueue) -> None:
    started, release = threading.Event(), threading.Event()
    first = jobs.submit(Lane.READ, "First", blocker(started, release), lambda answer: None)
    second = jobs.submit(Lane.READ, "Second", lambda ctx: pytest.fail("ran"), lambda n: None)
    assert started.wait(PATIENCE_S)
    second.cancel()
    release.set()
    owner.run_until(lambda: not first.active)
    assert second.state is JobState.CANCELLED


def test_urgent_work_overtakes_what_waits(owner: Owner, jobs: JobQueue) -> None:
    started, release = threading.Event(), threading.Event()
    order: list[str] = []
    jobs.submit(Lane.READ, "Running", blocker(started, release), lambda answer: None)
    assert started.wait(PATIENCE_S)
    jobs.submit(Lane.READ, "thumbnail 1", lambda ctx: "thumbnail 1", order.append, shown=False)
    jobs.submit(Lane.READ, "thumbnail 2", lambda ctx: "thumbnail 2", order.append, shown=False)
    jobs.submit(Lane.READ, "selected", lambda ctx: "selected", order.append, urgent=True)
    release.set()
    owner.run_until(lambda: not jobs.active)
    assert order == ["selected", "thumbnail 1", "thumbnail 2"]


def test_ten_thousand_reports_are_one_pending_delivery(owner: Owner, jobs: JobQueue) -> None:
    reported = threading.Event()
    release = threading.Event()

    def work(ctx: JobContext) -> None:
        for step in range(10_000):
            ctx.report(step + 1, 10_000, f"file {step + 1}")
        reported.set()
        assert release.wait(PATIENCE_S)

    job = jobs.submit(Lane.READ, "Scan", work, lambda n: None)
    assert reported.wait(PATIENCE_S)
    assert owner.calls.qsize() == 2  # that it started, and one report
    owner.run_waiting()
    assert (job.progress.done, job.progress.total, job.progress.text) == (10_000, 10_000, "file 10000")
    release.set()
    owner.run_until(lambda: not job.active)


def test_changed_tells_each_state_once_and_never_after_cancel(owner: Owner, jobs: JobQueue) -> None:
    states: list[tuple[str, JobState]] = []
    jobs.changed.connect(lambda job: states.append((job.title, job.state)))
    done = jobs.submit(Lane.READ, "A", lambda ctx: 1, lambda n: None)
    owner.run_until(lambda: not done.active)
    gone = jobs.submit(Lane.READ, "B", lambda ctx: 1, lambda n: None)
    gone.cancel()
    gone.cancel()
    jobs.shutdown()
    owner.run_waiting()
    assert states == [
        ("A", JobState.QUEUED),
        ("A", JobState.RUNNING),
        ("A", JobState.DONE),
        ("B", JobState.QUEUED),
        ("B", JobState.CANCELLED),
    ]


def test_lanes_run_beside_each_other(owner: Owner, jobs: JobQueue) -> None:
    meeting = threading.Barrier(2, timeout=PATIENCE_S)
    together: list[int] = []
    for lane in (Lane.READ, Lane.GPU):
        jobs.submit(lane, "Meet", lambda ctx: meeting.wait(), together.append)
    owner.run_until(lambda: len(together) == 2)


def test_shutdown_joins_and_drops_late_results(owner: Owner, jobs: JobQueue) -> None:
    started = threading.Event()

    def work(ctx: JobContext) -> int:
        started.set()
        while True:
            ctx.checkpoint()

    running = jobs.submit(Lane.READ, "Scan", work, lambda n: pytest.fail("late"))
    waiting = jobs.submit(Lane.READ, "Next", lambda ctx: 1, lambda n: pytest.fail("late"))
    assert started.wait(PATIENCE_S)
    jobs.shutdown()
    owner.run_waiting()
    assert {running.state, waiting.state} == {JobState.CANCELLED}
    with pytest.raises(RuntimeError):
        jobs.submit(Lane.READ, "Too late", lambda ctx: 1, lambda n: None)


def test_no_job_hears_nothing_and_never_cancels() -> None:
    NO_JOB.report(1, 2, "text")
    NO_JOB.checkpoint()


def test_a_finished_job_keeps_nothing_of_its_work(owner: Owner, jobs: JobQueue) -> None:
    job: Job = jobs.submit(Lane.READ, "Read", lambda ctx: 1, lambda n: None)
    owner.run_until(lambda: not job.active)
    assert job._work is None


def test_parts_are_handed_over_newest_first_and_never_after_a_cancel(jobs: JobQueue, owner: Owner) -> None:
    handed, go_on = threading.Event(), threading.Event()

    def work(ctx: JobContext) -> int:
        for part in (1, 2, 3):
            ctx.hand_over(part)
        handed.set()
        go_on.wait(5)
        ctx.hand_over(4)
        return 5

    seen: list[int] = []
    job = jobs.submit(Lane.READ, "Scan", work, seen.append, on_part=seen.append)
    assert handed.wait(5)
    owner.run_until(lambda: bool(seen))
    assert seen == [3]
    go_on.set()
    owner.run_until(lambda: not job.active)
    assert seen == [3, 4, 5]
    seen.clear()
    handed.clear()
    job = jobs.submit(Lane.READ, "Scan", work, seen.append, on_part=seen.append)
    assert handed.wait(5)
    job.cancel()
    jobs.submit(Lane.READ, "After it", lambda ctx: 9, seen.append)
    owner.run_until(lambda: 9 in seen)
    assert seen == [9]


def test_long_work_has_one_name_one_progress_and_one_way_to_stop(owner: Owner, jobs: JobQueue) -> None:
    stopped: list[str] = []
    told: list[tuple[JobState, int]] = []
    jobs.changed.connect(lambda job: told.append((job.state, job.progress.done)))
    job = jobs.begin(Lane.GPU, "All of it", lambda: stopped.append("stopped"))
    assert job.state is JobState.RUNNING
    assert jobs.active == (job,)
    job.report(Progress(2, 5))
    job.cancel()
    job.cancel()
    job.report(Progress(3, 5))
    assert told == [(JobState.RUNNING, 0), (JobState.RUNNING, 2), (JobState.CANCELLED, 2)]
    assert stopped == ["stopped"]
    assert jobs.active == ()


def test_long_work_that_is_finished_stops_nothing(jobs: JobQueue) -> None:
    stopped: list[str] = []
    job = jobs.begin(Lane.GPU, "All of it", lambda: stopped.append("stopped"))
    job.finish()
    job.cancel()
    assert job.state is JobState.DONE
    assert stopped == []


def test_the_end_of_the_program_stops_long_work(owner: Owner) -> None:
    stopped: list[str] = []
    jobs = JobQueue(owner.deliver)
    jobs.begin(Lane.GPU, "All of it", lambda: stopped.append("stopped"))
    jobs.shutdown()
    assert stopped == ["stopped"]
