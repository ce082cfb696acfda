"""One process collects the tests; then each fault is made in a fork of it."""

import ast
import contextlib
import functools
import gc
import importlib
import os
import pickle
import random
import resource
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import CodeType, FunctionType

import pytest

from mutation.faults import faults

TESTS = Path(__file__).parent.parent
SECONDS = 60  # of the processor: what runs for ever is noticed, too


class Loop:
    """A plugin for pytest which runs the tests once for each fault, in place of once."""

    def __init__(self, modules, share, seed):
        self.modules, self.share, self.random = modules, share, random.Random(seed)
        self.tried, self.survivors, self.failed = 0, [], False

    def pytest_runtest_logreport(self, report):
        self.failed |= report.failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        everything = gc.get_objects()
        functions = [f for f in everything if type(f) is FunctionType]
        self.caches = [f for f in everything if type(f) is functools._lru_cache_wrapper]
        files = [importlib.import_module(f"gradlib.{module}").__file__ for module in self.modules]
        seconds, called = forked(lambda: self.first_run(session.items, files))
        if seconds is None:
            session.shouldfail = "a test fails without any fault"
            return True
        gc.freeze()  # forks shall not copy what they only count
        for name, file in zip(self.modules, files, strict=True):
            module, source = sys.modules[f"gradlib.{name}"], Path(file).read_text("utf-8")
            own = [f for f in functions if f.__code__.co_filename == file]
            items = [item for item in session.items if any(called[item.nodeid][file])]
            items.sort(key=lambda item: seconds[item.nodeid])
            every = list(faults(source))
            chosen = self.random.sample(every, max(1, round(self.share * len(every))))
            before, died = (self.tried - len(self.survivors), self.tried), 0
            for what, line, whole, broken in chosen:
                reach = {code.co_qualname for code in codes_of(whole)}
                able = [i for i in items if called[i.nodeid][file] & reach] or items
                killer = forked(
                    lambda w=whole, b=broken, a=able, m=module, o=own: self.trial(m, o, w, b, a), -1
                )
                self.tried += 1
                if killer is None:
                    self.survivors.append(what)
                    print(f"\n    NOT NOTICED {name}.py:{line} {what}", flush=True)
                elif killer >= 0:
                    items.remove(able[killer])
                    items.insert(0, able[killer])
                else:
                    died += 1
            noticed = self.tried - len(self.survivors) - before[0]
            print(
                f"\n{name}: {len(every)} faults, {self.tried - before[1]} tried, {noticed} noticed"
                f" ({died} of them because the tests crashed or went on for ever)",
                flush=True,
            )
        return True

    def first_run(self, items, files):
        """Seconds that each test takes, and the functions of each file that it calls."""
        called, seconds = {}, {}

        def note(frame, event, _):
            code = frame.f_code
            if event == "call" and code.co_filename in now:
                now[code.co_filename].add(code.co_qualname)

        for item, following in zip(items, [*items[1:], None], strict=True):
            self.clear()
            now, start = {file: set() for file in files}, time.process_time()
            threading.setprofile(note)
            sys.setprofile(note)
            self.run(item, following)
            sys.setprofile(None)
            threading.setprofile(None)
            called[item.nodeid], seconds[item.nodeid] = now, time.process_time() - start
            if self.failed:
                print(f"\n{item.nodeid} fails without any fault", flush=True)
                return None, None
        return seconds, called

    def trial(self, module, own, whole, broken, items):
        """The number of the first test that notices the fault, or None."""
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        make(module, own, whole, broken)
        self.clear()
        for number, (item, following) in enumerate(zip(items, [*items[1:], None], strict=True)):
            self.run(item, following)
            if self.failed:
                return number
        return None

    def run(self, item, following):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)

    def clear(self):
        for cache in self.caches:
            cache.cache_clear()


def forked(function, died=None):
    """What the function returns in a fork; `died` if the fork did not live to say so."""
    with tempfile.TemporaryDirectory() as name:
        answer = Path(name) / "answer"
        child = os.fork()
        if child == 0:
            os.chdir(name)
            with contextlib.suppress(BaseException):
                answer.write_bytes(pickle.dumps(function()))
            os._exit(0)
        os.waitpid(child, 0)
        return pickle.loads(answer.read_bytes()) if answer.exists() else died


def codes_of(statement, file=""):
    """The code of every function in a statement, those within others included."""
    module = ast.Module([statement], [])
    found, codes = [compile(module, file, "exec")], []
    while found:
        code = found.pop()
        found += [c for c in code.co_consts if isinstance(c, CodeType)]
        codes.append(code)
    return codes[1:]


def make(module, own, whole, broken):
    """Put the broken statement in the place of the whole one, everywhere in this process."""
    scope = dict(vars(module))
    exec(compile(ast.Module([broken], []), module.__file__, "exec"), scope)
    if isinstance(whole, ast.FunctionDef | ast.ClassDef):
        fresh = {
            f.__qualname__: f
            for f in gc.get_objects()
            if type(f) is FunctionType and f.__globals__ is scope
        }
        new = {(c.co_qualname, c.co_firstlineno): c for c in codes_of(broken, module.__file__)}
        for f in own:
            code = new.get((f.__code__.co_qualname, f.__code__.co_firstlineno))
            with contextlib.suppress(ValueError):  # it forgot a variable of an outer function
                f.__code__ = code or f.__code__
            if code and f.__qualname__ in fresh and "<locals>" not in f.__qualname__:
                f.__defaults__ = fresh[f.__qualname__].__defaults__
        return
    for name in scope.keys() & vars(module).keys():
        old, value = getattr(module, name), scope[name]
        if value is not old:
            for other in list(sys.modules.values()):
                if vars(other).get(name) is old:
                    setattr(other, name, value)
