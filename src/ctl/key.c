#include "ctl/key.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/random.h>
#include <termios.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/str.h"

static const char PREFIX[] = "fk_";

void fr_key_text(const unsigned char random[FR_KEY_RANDOM_BYTES], char ret[FR_KEY_TEXT_MAX])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t at = sizeof(PREFIX) - 1;

	memcpy(ret, PREFIX, at);
	for (size_t bit = 0; bit < 8 * (size_t)FR_KEY_RANDOM_BYTES; bit += 6) {
		size_t byte = bit / 8;
		unsigned next = byte + 1 < FR_KEY_RANDOM_BYTES ? random[byte + 1] : 0;
		unsigned two = (unsigned)random[byte] << 8 | next;

		ret[at++] = digits[two >> (10 - bit % 8) & 63];
	}
	ret[at++] = '\0';
	FR_ASSERT(at == FR_KEY_TEXT_MAX);
}

void fr_key_hash(struct fr_str key, char ret[FR_KEY_HASH_MAX])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	FR_ASSERT(EVP_Digest(key.p, key.n, digest, &n, EVP_sha256(), NULL) == 1);
	FR_ASSERT(2 * n + 1 == FR_KEY_HASH_MAX);
	for (unsigned i = 0; i < n; i++) {
		ret[2 * i] = hex[digest[i] >> 4];
		ret[2 * i + 1] = hex[digest[i] & 15];
	}
	ret[2 * n] = '\0';
}

bool fr_key_name_good(const char *name)
{
	struct fr_str s = fr_str_of(name);

	for (size_t i = 0; i < s.n; i++) {
		char c = fr_lower(s.p[i]);

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'))
			return false;
	}
	return s.n > 0 && s.n < FR_NAME_MAX;
}

/* The names that the line is made of; a line on `err` if one is not good. */
static int check_names(struct fr_session *s)
{
	const char *const given[] = { fr_cmdline_word(s->line, 0), fr_cmdline_option(s->line, "--tenant"),
				      fr_cmdline_option(s->line, "--tier") };

	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++)
		if (given[i] != NULL && !fr_key_name_good(given[i]))
			return fr_session_fail(s, FR_CTL_USAGE, "'%s' is no name: 1 to %d letters, digits and - _ . make one",
					       given[i], FR_NAME_MAX - 1);
	return FR_CTL_OK;
}

/* ", tenant: acme" in YAML, and in JSON, which quotes; the names need no escapes. */
static void put_part(FILE *to, bool json, const char *what, const char *value)
{
	if (value != NULL)
		fprintf(to, json ? ",\"%s\":\"%s\"" : ", %s: %s", what, value);
}

static void put_client(struct fr_session *s, const char *hash, bool json)
{
	const char *name = fr_cmdline_word(s->line, 0);

	if (name == NULL) {
		fprintf(s->out, json ? "{\"key_sha256\":\"%s\"}" : "key_sha256: %s", hash);
		return;
	}
	fprintf(s->out, json ? "{\"name\":\"%s\",\"key_sha256\":\"%s\"" : "- { name: %s, key_sha256: %s", name, hash);
	put_part(s->out, json, "tenant", fr_cmdline_option(s->line, "--tenant"));
	put_part(s->out, json, "tier", fr_cmdline_option(s->line, "--tier"));
	fputs(json ? "}" : " }", s->out);
}

int fr_key_new_run(struct fr_session *s)
{
	unsigned char random[FR_KEY_RANDOM_BYTES];
	char key[FR_KEY_TEXT_MAX], hash[FR_KEY_HASH_MAX];
	int code = check_names(s);

	if (code != FR_CTL_OK)
		return code;
	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return fr_session_fail(s, FR_CTL_FAILED, "the system gives no random bytes: %s", strerror(errno));
	fr_key_text(random, key);
	fr_key_hash(fr_str_of(key), hash);
	if (fr_session_json(s)) {
		fprintf(s->out, "{\"key\":\"%s\",\"client\":", key);
		put_client(s, hash, true);
		fputs("}\n", s->out);
	} else {
		fprintf(s->out, "# The key of %s, shown this once. The client sends it as X-Api-Key.\n%s\n",
			fr_cmdline_word(s->line, 0), key);
		fputs("# For clients: in frugald.yaml; then frugald -t -c FILE, and systemctl reload frugald.\n", s->out);
		put_client(s, hash, false);
		fputc('\n', s->out);
	}
	explicit_bzero(random, sizeof(random));
	explicit_bzero(key, sizeof(key));
	return FR_CTL_OK;
}

/* A line of standard input; on a terminal nothing of it is shown. */
static bool read_secret(struct fr_session *s, char ret[FR_SECRET_MAX])
{
	struct termios shown, hidden;
	bool terminal = tcgetattr(STDIN_FILENO, &shown) == 0, got;

	if (terminal) {
		hidden = shown;
		hidden.c_lflag &= ~(tcflag_t)ECHO;
		hidden.c_lflag |= ECHONL;
		terminal = tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0;
		fputs("Key: ", s->err);
		(void)fflush(s->err);
	}
	got = fgets(ret, FR_SECRET_MAX, stdin) != NULL;
	if (terminal)
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	return got;
}

/* What a header field can carry: no space, no control character. */
static bool key_good(struct fr_str key)
{
	for (size_t i = 0; i < key.n; i++)
		if (key.p[i] <= ' ' || key.p[i] > '~')
			return false;
	return key.n > 0;
}

int fr_key_hash_run(struct fr_session *s)
{
	char text[FR_SECRET_MAX] = "", hash[FR_KEY_HASH_MAX];
	int code = check_names(s);
	struct fr_str key;

	if (code != FR_CTL_OK)
		return code;
	if (!read_secret(s, text))
		return fr_session_fail(s, FR_CTL_FAILED, "there is no key on standard input");
	key = (struct fr_str){ text, strcspn(text, "\r\n") };
	if (key.n + 1 >= sizeof(text))
		code = fr_session_fail(s, FR_CTL_FAILED, "the key is longer than %zu bytes", sizeof(text) - 2);
	else if (!key_good(key))
		code = fr_session_fail(s, FR_CTL_FAILED, "a key has at least one character, and no space among them");
	else
		fr_key_hash(key, hash);
	explicit_bzero(text, sizeof(text));
	if (code != FR_CTL_OK)
		return code;
	put_client(s, hash, fr_session_json(s));
	fputc('\n', s->out);
	return FR_CTL_OK;
}
