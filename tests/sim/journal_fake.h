/* journal_fake.h — a journal in memory: it outlives the instance that writes it, as a file does.
 *
 * Records are kept as the bytes that src/core/journal.c makes of them, and read back by it. */
#ifndef TESTS_SIM_JOURNAL_FAKE_H
#define TESTS_SIM_JOURNAL_FAKE_H

#include "base/buf.h"
#include "core/journal.h"

struct fake_journal {
	uint64_t identity;
	struct fr_buf bytes;
	uint64_t trimmed; /* up to here somebody looked */
};

void fake_journal_init(struct fake_journal *j, uint64_t identity);
void fake_journal_free(struct fake_journal *j);

bool fake_journal_write(struct fake_journal *j, const struct fr_journal_record *r, bool full); /* full: refuses */
void fake_journal_trim(struct fake_journal *j, uint64_t seq);
/* The process was killed while it wrote: so many bytes of one more record are there. */
void fake_journal_tear(struct fake_journal *j, size_t bytes);
/* The last records are lost, as in a power cut. */
void fake_journal_lose(struct fake_journal *j, size_t records);
/* Somebody copies the state directory. */
void fake_journal_copy(struct fake_journal *j, const struct fake_journal *from);
/* Hands every record to `each` and cuts off what is torn. Returns the damaged stretches. */
size_t fake_journal_read(struct fake_journal *j, void (*each)(void *ctx, const struct fr_journal_record *r), void *ctx);

#endif
