"""The Arrow schemas in which the stages meet. Instants are UTC microseconds; null is *not known*, never zero.

Column meanings stand in `docs/data-formats.md`, which a test holds to these schemas.
"""

from __future__ import annotations

import pyarrow as pa

INSTANT = pa.timestamp("us", tz="UTC")
WORD = pa.dictionary(pa.int32(), pa.string())
"""A repeated word: an enumeration's value, or a value with few distinct instances."""
TOLLS = ("killed", "killed_civilian", "killed_combatant", "killed_unknown", "injured")
"""The counted categories; each is a column triple `<name>_low`, `<name>_best`, `<name>_high`."""

_TOLL_FIELDS = [(f"{toll}_{bound}", pa.int32()) for toll in TOLLS for bound in ("low", "best", "high")]

_WHEN_AND_WHERE = [
    ("occurred_from", INSTANT),
    ("occurred_until", INSTANT),  # exclusive
    ("time_precision", WORD),
    ("place_name", pa.string()),
    ("latitude", pa.float64()),  # null unless the precision is a disc
    ("longitude", pa.float64()),
    ("place_precision", WORD),
    ("place_radius_km", pa.float32()),  # of the disc; null for areas
    (
        "area_name",
        WORD,
    ),  # the administrative unit named, for areas and as a hint for discs: "Idlib Governorate/Ariha district"
]

REPORT = pa.schema(
    [
        ("report_id", pa.string()),
        ("source_id", WORD),  # who speaks, a key of the case's speakers or the importer's
        ("source_report_id", pa.string()),
        ("kind", WORD),  # ReportKind
        ("lineage", pa.list_(pa.string())),  # whom the source draws on; one entry a chain
        ("party", WORD),  # actor the source speaks for; null = none, it is nobody's delegation
        ("document_id", pa.string()),  # hash of the sealed original
        ("event_key", pa.string()),  # reports with one key of one source are of one event; null = own event
        ("refers_to", pa.list_(pa.string())),  # "source_id:source_report_id" of other records
        ("relation", WORD),  # "same" or "covers" what it refers to; null where it refers to nothing
        ("stance", WORD),  # Stance
        ("denial_scope", WORD),  # DenialScope, for denials
        ("denied", pa.list_(pa.string())),  # DeniedQuestion values
        *_WHEN_AND_WHERE,
        # the point a source gave for an area: it helps to tell accounts of one event, and means no place
        ("centre_latitude", pa.float64()),
        ("centre_longitude", pa.float64()),
        ("acts", pa.list_(pa.string())),
        ("sides", pa.list_(pa.list_(pa.string()))),  # parties to a clash, direction not said: actor ids by side
        ("perpetrators", pa.list_(pa.string())),  # who did it, according to this report: actor ids
        ("targets", pa.list_(pa.string())),  # whom it hit, according to this report: actor ids or "civilians"
        ("invokes", pa.list_(pa.string())),  # exceptions the speaker invokes: keys of exception kinds
        ("alleges", pa.bool_()),  # the speaker calls it a breach; null where the format cannot say
        *_TOLL_FIELDS,
        ("reported_at", INSTANT),
        ("recorded_at", INSTANT),
        ("text", pa.string()),
        ("text_language", WORD),
        ("address", pa.string()),  # where the original is, or the source key in the case
        ("unverified", pa.bool_()),  # the compiler of the record has not seen the original
        ("flags", pa.list_(pa.string())),  # data-quality flags, keys of model.flags
    ]
)

INCIDENT = pa.schema(
    [
        ("incident_id", pa.string()),
        ("report_ids", pa.list_(pa.string())),
        ("covers", pa.list_(pa.string())),  # incident ids this one is an episode or total of
        ("covered_by", pa.list_(pa.string())),
        ("lineages", pa.list_(pa.string())),  # independent chains that assert it
        *_WHEN_AND_WHERE,
        ("title", pa.string()),  # a short name for people
        ("acts", pa.list_(pa.string())),
        ("claims", WORD),  # canonical JSON of who says what of whom, see model.claims
        *_TOLL_FIELDS,
        ("toll_disputed", pa.bool_()),  # reports give different best figures
        ("flags", pa.list_(pa.string())),
    ]
)

FINDING = pa.schema(
    [
        ("finding_id", pa.string()),
        ("incident_id", pa.string()),
        ("clause_id", WORD),
        ("instrument_id", WORD),
        ("zone_id", WORD),  # the area of the clause it may lie in; null when outside all of them
        ("zone_version", WORD),
        ("accused_id", WORD),
        ("status", WORD),
        ("in_force", WORD),
        ("in_area", WORD),
        ("act", WORD),
        ("bound", WORD),
        ("covered_target", WORD),
        ("exception", WORD),
        (
            "reasons",
            pa.list_(pa.string()),
        ),  # reason codes of the answers that are not a plain yes, see findings.reasons
        ("share_inside", pa.float32()),  # of the place's disc or area, in the zone; null where it cannot be computed
        ("civilian_victims", WORD),  # Answer: yes, no or undetermined
        ("mixed_target", pa.bool_()),
        ("alleged_by", pa.list_(pa.string())),  # source ids that call it a breach or accuse the party
        ("reading_id", WORD),  # the interpretation in use
    ]
)

OBLIGATION = pa.schema(
    [
        ("obligation_id", pa.string()),
        ("clause_id", WORD),
        ("instrument_id", WORD),
        ("bearer_id", WORD),
        ("zone_id", WORD),
        ("period_from", INSTANT),
        ("period_until", INSTANT),
        ("due_at_earliest", INSTANT),  # null: no deadline, or its condition has not been met
        ("due_at_latest", INSTANT),
        ("state", WORD),
        ("reasons", pa.list_(pa.string())),
        ("evidence_ids", pa.list_(pa.string())),
    ]
)

_RANGE = ("low", "best", "high")

WEEKLY = pa.schema(
    [
        ("area_id", pa.string()),
        ("area_kind", WORD),  # zone, or unit: an administrative unit of the first order, for comparison
        ("version_id", WORD),  # of a zone: whose border is used in every week
        ("party_id", WORD),  # what is counted: null is everything
        ("clause_id", WORD),
        ("act", WORD),
        ("week", pa.string()),  # ISO week of local days, such as 2017-W39
        ("monday", pa.date32()),
        ("days_covered", pa.int8()),  # days of the week that the record covers; at 0 all counts are null
        *[(f"{name}_{bound}", pa.int32()) for name in ("events", "events_without_exempt") for bound in _RANGE],
        ("alleged_lower", pa.int32()),
        ("alleged_upper", pa.int32()),
        *[
            (f"{name}_{bound}", pa.int32())
            for name in ("deaths", "deaths_without_exempt", "civilians", "civilians_or_unknown")
            for bound in _RANGE
        ],
        ("toll_not_stated", pa.int32()),  # of the incidents of events_best
        ("watch_hours_low", pa.float64()),  # on record; null: no record says whether anybody watched
        ("watch_hours_high", pa.float64()),  # with the time of which nobody recorded anything
        ("watched_low", pa.float64()),  # share of area and time
        ("watched_high", pa.float64()),
    ]
)

_INTERVAL = [("ratio", pa.float64()), ("low", pa.float64()), ("high", pa.float64())]

CHANGES = pa.schema(
    [
        ("area_id", pa.string()),
        ("start_id", pa.string()),
        ("column", WORD),  # of WEEKLY
        ("window_weeks", pa.int16()),
        ("weeks_before", pa.list_(pa.string())),  # those added up: wholly covered ones
        ("weeks_after", pa.list_(pa.string())),
        ("before", pa.float64()),
        ("after", pa.float64()),
        ("per_week_before", pa.float64()),
        ("per_week_after", pa.float64()),
        *_INTERVAL,  # of the weekly rates, half an event added to each side
        ("negative_binomial_low", pa.float64()),
        ("negative_binomial_high", pa.float64()),
        ("bootstrap_low", pa.float64()),
        ("bootstrap_high", pa.float64()),
        ("ratio_per_hour_low", pa.float64()),  # null: no denominator
        ("ratio_per_hour_high", pa.float64()),
    ]
)

WATCHING = pa.schema(
    [
        ("area_id", pa.string()),
        ("start_id", pa.string()),
        ("measure", WORD),  # share of area and time, or hours
        ("decides", pa.bool_()),  # whether the step is taken by it
        ("weeks_before", pa.int16()),  # of those compared: with something on record
        ("weeks_after", pa.int16()),
        ("before_low", pa.float64()),  # a week, on average
        ("before_high", pa.float64()),
        ("after_low", pa.float64()),
        ("after_high", pa.float64()),
        ("factor_low", pa.float64()),  # after over before
        ("factor_high", pa.float64()),  # null: nothing need have been watched before
        ("ratio_low", pa.float64()),  # of the weekly rates per unit watched; null: nothing need have been watched
        ("ratio_high", pa.float64()),
        ("low", pa.float64()),  # ends of its interval, over both
        ("high", pa.float64()),
    ]
)

DATES = pa.schema(
    [
        ("area_id", pa.string()),
        ("start_id", pa.string()),
        ("week", pa.string()),
        ("events_best", pa.float64()),  # of weeks wholly covered
        ("level", pa.float64()),  # between the breaks that are claimed
        ("break_posterior", pa.float64()),  # that the one break lies at this week's start
        ("placebo_ratio", pa.float64()),  # of the rates around this week's start
    ]
)

ELSEWHERE = pa.schema(
    [
        ("area_id", pa.string()),
        ("start_id", pa.string()),
        ("role", WORD),  # comparison, neighbour, pair, act
        ("what", pa.string()),
        ("before", pa.float64()),
        ("after", pa.float64()),
        *_INTERVAL,
        ("rose", pa.bool_()),
    ]
)

STEPS = pa.schema(
    [
        ("area_id", pa.string()),
        ("start_id", pa.string()),
        ("step", WORD),
        ("outcome", WORD),  # passed, failed, refused, not-possible
        ("figure", pa.float64()),
        ("needed", pa.float64()),
        ("number", pa.int32()),  # of dates, areas, weeks or specifications that the figure rests on
    ]
)

GRADES = pa.schema(
    [
        ("area_id", pa.string()),
        ("start_id", pa.string()),  # null: no start lies in the record
        ("earliest", pa.date32()),
        ("latest", pa.date32()),
        ("grade", WORD),  # shown, probable, not shown, cannot tell
        ("stopped_at", WORD),  # the first step that kept it from being shown
        ("is_main", pa.bool_()),  # the start that the area's grade is taken from
        *_INTERVAL,  # of the main comparison
        ("interval_percent", pa.int16()),
        ("window_weeks", pa.int16()),
        ("power_30", pa.float64()),
        ("power_60", pa.float64()),
        ("lead_ratio", pa.float64()),
        ("lead_low", pa.float64()),
        ("lead_high", pa.float64()),
        ("contrast_ratio", pa.float64()),
        ("contrast_low", pa.float64()),
        ("contrast_high", pa.float64()),
    ]
)

CAUTIONS = pa.schema(
    [
        ("area_id", pa.string()),
        ("caution", WORD),
        ("figure", pa.float64()),
        ("number", pa.int32()),
        ("about", pa.string()),
    ]
)

TWO_LISTS = pa.schema(
    [
        ("group", WORD),  # both, doubtful, only-a, only-b, covers
        ("entries_a", pa.list_(pa.string())),  # report ids of the first list
        ("entries_b", pa.list_(pa.string())),
        ("candidates", pa.list_(pa.string())),  # entries of the other list that stand in rows of their own
        ("match_probability", pa.float32()),  # that these two, or this one and its candidate, are of one event
        ("settled_by", WORD),  # judgement, key or match; null outside of both
        ("days_apart", pa.float32()),  # second minus first, like the next but one
        ("km_apart", pa.float32()),
        ("killed_apart", pa.int32()),
        ("injured_apart", pa.int32()),
        ("differs", pa.list_(pa.string())),
    ]
)


def empty(schema: pa.Schema) -> pa.Table:
    """Return a table of `schema` with no rows."""
    return schema.empty_table()


def table_of(rows: list[dict[str, object]], schema: pa.Schema) -> pa.Table:
    """Build a table from records; a key outside the schema is refused, a missing one is null.

    Raises
    ------
    KeyError
        When a row has a key that the schema does not.
    """
    names = set(schema.names)
    for row in rows:
        if unknown := set(row) - names:
            raise KeyError(f"not in the schema: {', '.join(sorted(unknown))}")
    return pa.Table.from_pylist(rows, schema=schema)
