/* page.h — what the control page shows. */
#ifndef TWIN_PAGE_H
#define TWIN_PAGE_H

#include "twin.h"

/* New references. */
json_t *page_ledger(struct twin *t);
json_t *page_calls(const struct twin *t, uint64_t since);
/* The plain-text page. The caller frees it. */
char *page_text(struct twin *t);

#endif
