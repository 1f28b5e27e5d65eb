/* zones.h — time zones with every kind of change, as tables made by hand, and moments written as dates. */
#ifndef FRUGAL_TEST_ZONES_H
#define FRUGAL_TEST_ZONES_H

#include "core/zone.h"

static const struct fr_zone utc = { .name = "UTC" };

/* An hour ahead from Sunday 01:00 UTC, in March and October. */
static const struct fr_zone berlin = {
	"Europe/Berlin",
	5,
	{ { 1767225600, 3600 }, { 1774746000, 7200 }, { 1792890000, 3600 }, { 1806195600, 7200 }, { 1824944400, 3600 } }
};
static const struct fr_zone new_york = {
	"America/New_York",
	5,
	{ { 1767225600, -18000 }, { 1772953200, -14400 }, { 1793512800, -18000 }, { 1805007600, -14400 }, { 1825567200, -18000 } }
};
/* Half an hour beside everybody else, without changes. */
static const struct fr_zone kolkata = { "Asia/Kolkata", 1, { { 1767225600, 19800 } } };
/* Half an hour at each change. */
static const struct fr_zone lord_howe = {
	"Australia/Lord_Howe",
	5,
	{ { 1767225600, 39600 }, { 1775314800, 37800 }, { 1791041400, 39600 }, { 1806764400, 37800 }, { 1822491000, 39600 } }
};
/* Two hours at each change. */
static const struct fr_zone troll = {
	"Antarctica/Troll",
	5,
	{ { 1767225600, 0 }, { 1774746000, 7200 }, { 1792890000, 0 }, { 1806195600, 7200 }, { 1824944400, 0 } }
};
/* Midnight is skipped in September, and in April the clock goes back over it. */
static const struct fr_zone santiago = {
	"America/Santiago",
	5,
	{ { 1767225600, -10800 }, { 1775358000, -14400 }, { 1788667200, -10800 }, { 1806807600, -14400 }, { 1820116800, -10800 } }
};
/* The 30th of December 2011 was skipped altogether. */
static const struct fr_zone apia = {
	"Pacific/Apia", 4, { { 1293840000, -36000 }, { 1301752800, -39600 }, { 1316872800, -36000 }, { 1325239200, 50400 } }
};

static inline fr_wall at_second(const struct fr_zone *z, int year, int month, int day, int hour, int minute, int second)
{
	const struct fr_civil c = { year, month, day, hour, minute, second };

	return fr_zone_moment(z, &c);
}

/* In UTC. */
static inline fr_wall at(int year, int month, int day, int hour, int minute)
{
	return at_second(&utc, year, month, day, hour, minute, 0);
}

#endif
