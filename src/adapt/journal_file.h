/* journal_file.h — the journal on disk: append-only files in state_dir/journal, and whose they are.
 *
 * Files are named by the number of their first record (16 hex digits, ".frj") and hold at the most 4 MiB of the records of
 * core/journal.h. One writer: a lock is held for the process's life. A record is in the kernel's hands when the write returns, so
 * it survives the process, whatever kills it; with journal.sync: always it is on the disk. A record that could not be written as a
 * whole is overwritten by the next one, or torn at the end when the process died; the start cuts that off.
 *
 * The instance's identity is made once and is part of every record, so that it lives exactly as long as the numbers do. The newest
 * file is never removed. */
#ifndef FRUGAL_ADAPT_JOURNAL_FILE_H
#define FRUGAL_ADAPT_JOURNAL_FILE_H

#include "adapt/redis_note.h"
#include "core/journal.h"
#include "frugal/err.h"
#include "frugal/settings.h"

enum { FR_JOURNAL_FILE_BYTES = 4 * 1024 * 1024, FR_JOURNAL_FILES_MAX = 64 };

struct fr_journal_file;

/* Creates the folder or takes over what is there. FR_INVALID, FR_IO: the folder, the lock or the files are not usable; `why` says
 * how to mend it. Notes are copied. `*ret` only on FR_OK. */
enum fr_err fr_journal_file_open(const char *state_dir, enum fr_sync sync, const struct fr_redis_notes *notes,
				 struct fr_journal_file **ret, struct fr_errmsg *why);
void fr_journal_file_close(struct fr_journal_file **taken);

/* Hands over every record, in order. Returns how many stretches could not be read. */
size_t fr_journal_file_read(struct fr_journal_file *j, void (*each)(void *ctx, const struct fr_journal_record *r), void *ctx);

uint64_t fr_journal_file_instance(const struct fr_journal_file *j);

/* The ports: see ports.h. A failure is noted when it begins and when it ends. */
bool fr_journal_file_write(struct fr_journal_file *j, const struct fr_journal_record *r);
void fr_journal_file_trim(struct fr_journal_file *j, uint64_t seq);

#endif
