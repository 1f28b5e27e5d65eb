#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/ledger.h"
#include "unit/ctl/page.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void the_verdict_is_the_drift_and_no_drift_named_is_no_verdict(void **state)
{
	static const struct {
		const char *ledger;
		int code;
		const char *says;
	} rows[] = {
		{ "{\"drift\":0}", FR_CTL_OK, "drift                           0\nThe books agree.\n" },
		{ "{\"drift\":-2}", FR_CTL_DRIFT, "The books differ" },
		{ "{\"drift\":3}", FR_CTL_DRIFT, "The books differ" },
		{ "{\"drift\":null}", FR_CTL_FAILED, "drift                           not known\n" },
		{ "{}", FR_CTL_FAILED, "" },
		{ "{\"drift\":0,\"journal\":{\"open\":1234,\"up\":true},\"budgets\":[{\"name\":\"all/month\",\"drift\":0}]}",
		  FR_CTL_OK,
		  "journal.open                    1,234\n"
		  "journal.up                      yes\n"
		  "budgets.all/month.name          all/month\n"
		  "budgets.all/month.drift         0\n" },
	};
	const struct fr_look plain = { .bars = false };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *ledger = json_loads(rows[i].ledger, 0, NULL);
		struct page p;

		assert_non_null(ledger);
		page_open(&p);
		assert_int_equal(fr_ledger_write(p.to, &plain, ledger), rows[i].code);
		if (strstr(page_text(&p), rows[i].says) == NULL)
			fail_msg("'%s' is not in '%s'", rows[i].says, page_text(&p));
		page_close(&p);
		json_decref(ledger);
	}
}

static void what_is_no_json_is_no_verdict(void **state)
{
	const struct fr_look plain = { .bars = false };
	struct page p;

	(void)state;
	page_open(&p);
	assert_int_equal(fr_ledger_write(p.to, &plain, NULL), FR_CTL_FAILED);
	page_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_verdict_is_the_drift_and_no_drift_named_is_no_verdict),
		cmocka_unit_test(what_is_no_json_is_no_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
