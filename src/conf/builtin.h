/* builtin.h — the catalogue that the binary carries: config/catalogue.yaml as it was at build time.
 *
 * Bytes of YAML, terminated, the end not counted in the length. They are made by the Makefile and live as long as the program. */
#ifndef FRUGAL_CONF_BUILTIN_H
#define FRUGAL_CONF_BUILTIN_H

#include <stddef.h>

extern const char fr_catalogue_yaml[];
extern const size_t fr_catalogue_yaml_len;

#endif
