"""Pipeline, wired together; the only module that knows everything. ``uvicorn keqing_pipeline.app:app``."""

import os

from keqing_pipeline.account.abc_month import ABC_MONTH
from keqing_pipeline.account.payment import CUSTOMER_PAYMENT
from keqing_pipeline.account.rules import ACCOUNT
from keqing_pipeline.care.reminder import CARE_DAY
from keqing_pipeline.care.rules import CARE
from keqing_pipeline.clockwork import CLOCKWORK
from keqing_pipeline.contact.rules import CONTACT
from keqing_pipeline.contact.team import ACCOUNT_TEAM
from keqing_pipeline.customer.rules import CUSTOMER
from keqing_pipeline.directory import PipelineDirectory
from keqing_pipeline.examples import EXAMPLES
from keqing_pipeline.opportunity.rules import OPPORTUNITY
from keqing_pipeline.policy import PipelinePolicy
from keqing_pipeline.published import publish
from keqing_pipeline.reactions import reactions
from keqing_pipeline.referral.rules import REFERRALS
from keqing_pipeline.routes import (
    accounts,
    bulk,
    care,
    contacts,
    coverage,
    customer_questions,
    customers,
    duplicates,
    erasure,
    exports,
    filters,
    imports,
    logbook,
    needs,
    opportunities,
    overview,
    playbook,
    referrals,
    tracking,
    users,
)
from keqing_pipeline.saved_filters import SAVED_FILTERS
from keqing_pipeline.tracking.pursuit import PURSUIT
from keqing_pipeline.tracking.tracking_list import TRACKING_LIST
from keqing_pipeline.user import USER
from keqing_pipeline.views import VIEWS
from keqing_pipeline.views.customers import PAIRS
from keqing_pipeline.views.likeness import LOOKALIKES
from keqing_pipeline.views.parts import WHOLE
from keqing_pipeline.views.whose import WHOSE
from keqing_pipeline.words import keep_words
from keqing_shared.context import Context
from keqing_shared.http import create_app

CONTEXT = Context(
    name="pipeline",
    title="Keqing pipeline",
    package="keqing_pipeline",
    aggregates=(
        CUSTOMER,
        CONTACT,
        ACCOUNT_TEAM,
        OPPORTUNITY,
        PURSUIT,
        TRACKING_LIST,
        USER,
        ACCOUNT,
        CUSTOMER_PAYMENT,
        ABC_MONTH,
        CARE,
        CARE_DAY,
        REFERRALS,
        SAVED_FILTERS,
    ),
    views=VIEWS,
    publish=publish,
    reactions=reactions,
    clockwork=CLOCKWORK,
    routers=(
        customers.router,
        erasure.router,
        contacts.router,
        coverage.router,
        customer_questions.router,
        duplicates.router,
        opportunities.router,
        logbook.router,
        needs.router,
        accounts.router,
        care.router,
        referrals.router,
        overview.router,
        playbook.router,
        tracking.router,
        users.router,
        imports.router,
        exports.router,
        bulk.router,
        filters.router,
    ),
    tables=(PAIRS, WHOLE, LOOKALIKES, WHOSE),
    examples=EXAMPLES,
    policy=PipelinePolicy(time_zone=os.environ.get("KEQING_TIME_ZONE", "Asia/Shanghai")),
    directory=PipelineDirectory,
    heed=keep_words,
)

app = create_app(CONTEXT)
