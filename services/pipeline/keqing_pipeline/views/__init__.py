"""The questions pipeline answers, one module each."""

from keqing_pipeline.views.accounts import Accounts
from keqing_pipeline.views.activity import Activity
from keqing_pipeline.views.board import Board
from keqing_pipeline.views.care_calendar import CareCalendar
from keqing_pipeline.views.care_register import CareRegister
from keqing_pipeline.views.contacts import Contacts
from keqing_pipeline.views.customers import Customers
from keqing_pipeline.views.funnel import Funnel
from keqing_pipeline.views.grades import Grades
from keqing_pipeline.views.likeness import Likenesses
from keqing_pipeline.views.logbook import Logbook
from keqing_pipeline.views.opportunities import Opportunities
from keqing_pipeline.views.parts import Parts
from keqing_pipeline.views.people import People
from keqing_pipeline.views.purchases import Purchases
from keqing_pipeline.views.referrals import ReferralsGiven
from keqing_pipeline.views.team import Teams
from keqing_pipeline.views.touches import Touches
from keqing_pipeline.views.tracked import Tracked

VIEWS = (
    Customers(),
    Likenesses(),
    Contacts(),
    Teams(),
    Opportunities(),
    Logbook(),
    Board(),
    Touches(),
    Funnel(),
    Grades(),
    People(),
    Tracked(),
    Purchases(),
    Parts(),
    Accounts(),
    CareRegister(),
    CareCalendar(),
    ReferralsGiven(),
    Activity(),
)
