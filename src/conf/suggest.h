/* suggest.h — names of the configuration are suggested as all others are. */
#ifndef FRUGAL_CONF_SUGGEST_H
#define FRUGAL_CONF_SUGGEST_H

#include "base/suggest.h"

#endif
