"""Who works in the demo company: three sales teams, the service desk, collections, an auditor."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Person:
    login: str
    name: str
    role: str
    team: str
    manager: str | None = None

    def profile(self) -> dict[str, Any]:
        """As the API takes it, but for the login."""
        return {
            "name": self.name,
            "roles": [self.role],
            "team": self.team,
            "manager": self.manager,
            "language": "zh",
        }


@dataclass(frozen=True)
class Team:
    name: str
    manager: Person
    reps: tuple[Person, ...]


def _team(name: str, manager: tuple[str, str], *reps: tuple[str, str]) -> Team:
    return Team(
        name,
        Person(*manager, "sales_manager", name),
        tuple(Person(*rep, "rep", name, manager[0]) for rep in reps),
    )


TEAMS = (
    _team(
        "华东",
        ("zhao.min", "赵敏"),
        ("li.wei", "李伟"),
        ("wang.fang", "王芳"),
        ("zhang.jun", "张军"),
        ("liu.yang", "刘洋"),
    ),
    _team(
        "华北",
        ("chen.jing", "陈静"),
        ("sun.li", "孙丽"),
        ("zhou.tao", "周涛"),
        ("wu.xia", "吴霞"),
        ("zheng.kai", "郑凯"),
    ),
    _team(
        "华南",
        ("huang.qiang", "黄强"),
        ("lin.na", "林娜"),
        ("he.feng", "何峰"),
        ("guo.ting", "郭婷"),
        ("liang.bo", "梁博"),
    ),
)
SUPERVISOR = Person("xu.hui", "徐慧", "supervisor", "客服")
AGENTS = tuple(
    Person(login, name, "agent", "客服", SUPERVISOR.login)
    for login, name in (
        ("tang.yue", "唐悦"),
        ("feng.jie", "冯洁"),
        ("deng.chao", "邓超"),
        ("cao.yu", "曹宇"),
    )
)
CONTROLLER = Person("song.mei", "宋梅", "credit_controller", "财务")
COLLECTORS = tuple(
    Person(login, name, "collector", "财务", CONTROLLER.login)
    for login, name in (("sun.yi", "孙毅"), ("peng.lan", "彭兰"))
)
AUDITOR = Person("lu.yan", "陆岩", "auditor", "审计")

EVERYBODY: tuple[Person, ...] = (
    *(team.manager for team in TEAMS),
    *(rep for team in TEAMS for rep in team.reps),
    SUPERVISOR,
    *AGENTS,
    CONTROLLER,
    *COLLECTORS,
    AUDITOR,
)
"""Managers before those they manage, as enrolment wants it."""
