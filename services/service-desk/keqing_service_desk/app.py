"""The service desk's wiring."""

import os

from keqing_service_desk.callback import CALLBACK
from keqing_service_desk.clockwork import DUTIES
from keqing_service_desk.complaint import COMPLAINT
from keqing_service_desk.policy import ServiceDeskPolicy
from keqing_service_desk.published import publish
from keqing_service_desk.reactions import reactions
from keqing_service_desk.routes import callbacks, complaints, imports, overview, steps
from keqing_service_desk.views.callbacks import Callbacks
from keqing_service_desk.views.pareto import Pareto
from keqing_service_desk.views.queue import Queue
from keqing_service_desk.working_time import WorkingTime
from keqing_shared.context import Context
from keqing_shared.http import create_app

CONTEXT = Context(
    name="service-desk",
    title="Keqing service desk",
    package="keqing_service_desk",
    aggregates=(COMPLAINT, CALLBACK),
    routers=(complaints.router, steps.router, overview.router, callbacks.router, imports.router),
    views=(Queue(), Pareto(), Callbacks()),
    publish=publish,
    reactions=reactions,
    clockwork=DUTIES,
    policy=ServiceDeskPolicy(
        working_time=WorkingTime(time_zone=os.environ.get("KEQING_TIME_ZONE", "Asia/Shanghai"))
    ),
)

app = create_app(CONTEXT)
