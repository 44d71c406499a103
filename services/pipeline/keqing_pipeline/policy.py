"""Pipeline's numbers, with the defaults of the domain; a change of them never rewrites history."""

from datetime import date, datetime, time
from functools import lru_cache
from typing import Annotated

from pydantic import Field

from keqing_pipeline.account.policy import AbcPolicy, DefectionPolicy, KeyAccountPolicy
from keqing_pipeline.care.policy import CarePolicy
from keqing_pipeline.opportunity.catalogue import Catalogue
from keqing_pipeline.opportunity.default_catalogue import DEFAULT_CATALOGUE
from keqing_pipeline.opportunity.stage import Stage
from keqing_pipeline.tracking.policy import BandCapacities, PoolRules
from keqing_pipeline.tracking.removal import RemovalSigns
from keqing_shared.calendar import Country, RestDays, TimeZone, WorkingCalendar
from keqing_shared.domain import Count, TimeOfDay, ValueRefused, together, value
from keqing_shared.policy import FromEnvironment

Days = Annotated[int, Field(ge=1, le=366)]
Percent = Annotated[int, Field(ge=0, le=100)]


@value
class TouchIntervals:
    """A touch at least every so many days, by stage; a refused prospect is left alone."""

    stage_0: Days = 15
    stage_1: Days = 7
    stage_2: Days = 7
    stage_3: Days = 3
    stage_4: Days = 3
    won: Days = 15
    """Two contacts a month."""
    won_from: TimeOfDay = time(16)
    """Who has bought is best called from this hour on, once the day's new business is done."""

    @property
    def longest(self) -> int:
        """Days within which every open opportunity is touched."""
        return max(self.stage_0, self.stage_1, self.stage_2, self.stage_3, self.stage_4)


@value
class GradeMonths:
    """Expected to close within so many calendar months; D is later or unknown."""

    a: Count = 1
    b: Count = 2
    c: Count = 3

    @together
    def _ascending(self) -> None:
        if not self.a < self.b < self.c:
            raise ValueRefused("a, b and c ascend")


Score = Annotated[int, Field(ge=1, le=100)]


@value
class DuplicatePolicy:
    """How alike two customers must be, of a hundred points; the same name or phone has all of them."""

    pinyin_scores: Score = 90
    """The same sound, written otherwise."""
    other_character_scores: Score = 75
    """One Chinese character is another, that sounds otherwise."""
    shown_from: Score = 70
    """To whoever asks for duplicates."""
    refused_from: Score = 85
    """At registration, unless there is a reason."""


@value
class StageProbabilities:
    """How likely an open opportunity is won, in percent."""

    refused: Percent = 0
    stage_0: Percent = 5
    stage_1: Percent = 10
    stage_2: Percent = 25
    stage_3: Percent = 50
    stage_4: Percent = 90

    def percent(self, stage: Stage) -> int:
        ascending = (self.refused, self.stage_0, self.stage_1, self.stage_2, self.stage_3, self.stage_4)
        return ascending[stage.rank - Stage.REFUSED.rank]

    @together
    def _ascending(self) -> None:
        percents = [self.percent(stage) for stage in Stage]
        if percents != sorted(percents):
            raise ValueRefused("the probabilities do not fall from stage to stage")


@value
class PipelinePolicy:
    time_zone: FromEnvironment[TimeZone] = "Asia/Shanghai"
    country: Country = "CN"
    """Whose public holidays and make-up working days count."""
    rest_days: RestDays = (5, 6)
    touch_every: TouchIntervals = TouchIntervals()
    grade_within: GradeMonths = GradeMonths()
    contact_recorded_within_days: Days = 30
    assessed_from_stage: Stage = Stage.CONSIDERING
    """The stage that an assessment with a "no" blocks."""
    stage_probability: StageProbabilities = StageProbabilities()
    """For the forecast."""
    confident_from_stage: Stage = Stage.CONSIDERING
    """From here on a stage says "will buy"; what comes of it tells whether the judgement was right."""
    missed_in_a_row_for_manager: Count = 3
    """From so many on a missed touch is told to the owner's manager as well."""
    band_capacities: BandCapacities = BandCapacities()
    removal_signs: RemovalSigns = RemovalSigns()
    open_pool: PoolRules = PoolRules()
    duplicates: DuplicatePolicy = DuplicatePolicy()
    deciders_covered_by: Count = 2
    """Colleagues, so that one's leaving loses no decider."""
    first_impressions_within_days: Days = 7
    """Of a newcomer to an account team."""
    catalogue: Catalogue = DEFAULT_CATALOGUE
    """What is asked about a customer's needs, and what is recommended for them."""
    abc: AbcPolicy = AbcPolicy()
    key_account: KeyAccountPolicy = KeyAccountPolicy()
    defection: DefectionPolicy = DefectionPolicy()
    care: CarePolicy = CarePolicy()

    def touch_interval(self, stage: Stage, won: bool = False) -> int | None:
        """Days until the next touch is due; None: none is."""
        every = self.touch_every
        if won:
            return every.won
        match stage:
            case Stage.REFUSED:
                return None
            case Stage.UNAWARE:
                return every.stage_0
            case Stage.LISTENING:
                return every.stage_1
            case Stage.ASKING:
                return every.stage_2
            case Stage.CONSIDERING:
                return every.stage_3
            case Stage.SURE:
                return every.stage_4

    def working_day(self, day: date) -> date:
        """The day itself when people work on it, else the next one they do."""
        return _calendar(self.time_zone, self.country, self.rest_days).next_working_day(day)

    def day_of(self, moment: datetime) -> date:
        """The business date of a moment."""
        return _calendar(self.time_zone, self.country, self.rest_days).date_of(moment)


@lru_cache(maxsize=8)
def _calendar(time_zone: str, country: str, rest_days: tuple[int, ...]) -> WorkingCalendar:
    return WorkingCalendar(time_zone=time_zone, country=country, rest_days=frozenset(rest_days))
