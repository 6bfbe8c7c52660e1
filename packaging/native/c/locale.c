// SPDX-License-Identifier: Apache-2.0
// The language and the country that the environment asks for.
#define _GNU_SOURCE
#include "svm_locale.h"
#include <locale.h>
#include <stdio.h>
#include <string.h>

#define NAME_BYTES_MAX 64

static svm_locale_props_t properties;

// Takes "de_AT.UTF-8@euro" apart within its own storage; no locale, "C" and "POSIX" are English.
static void split(const char *name, char storage[NAME_BYTES_MAX], const char **language, const char **country) {
    int none = name == NULL || *name == 0 || strcmp(name, "C") == 0 || strcmp(name, "POSIX") == 0;
    if (none || strncmp(name, "C.", 2) == 0) {
        name = "en";
    }
    snprintf(storage, NAME_BYTES_MAX, "%s", name);
    storage[strcspn(storage, ".@")] = 0;
    char *underscore = strchr(storage, '_');
    if (underscore != NULL) {
        *underscore = 0;
        *country = underscore + 1;
    }
    *language = storage;
}

int svm_initialize_locale(void) {
    static char format[NAME_BYTES_MAX];
    static char display[NAME_BYTES_MAX];
    setlocale(LC_ALL, "");
    split(setlocale(LC_CTYPE, NULL), format, &properties.format_language, &properties.format_country);
    split(setlocale(LC_MESSAGES, NULL), display, &properties.display_language, &properties.display_country);
    return SVM_LOCALE_INITIALIZATION_SUCCEEDED;
}

const svm_locale_props_t *svm_get_locale(void) { return &properties; }
