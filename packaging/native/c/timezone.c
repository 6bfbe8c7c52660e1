// SPDX-License-Identifier: Apache-2.0
// The name of the machine's time zone, such as "Europe/Vienna": from TZ, or from what /etc/localtime is.
#define _GNU_SOURCE
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOCALTIME "/etc/localtime"
#define ZONES "/usr/share/zoneinfo"
#define ZONE_BYTES_MAX (64 * 1024)
#define FILES_OPEN_MAX 8

struct zone {
    size_t bytes;
    char content[ZONE_BYTES_MAX];
};

static struct zone wanted; // what the walk below looks for; the time zone is asked for once, at the start
static char *found;

// What stands behind ".../zoneinfo/" in a path, without the folders of other kinds of seconds; or NULL.
static const char *zoneIn(const char *path) {
    const char *name = strstr(path, "zoneinfo/");
    if (name == NULL) {
        return NULL;
    }
    name += strlen("zoneinfo/");
    if (strncmp(name, "posix/", 6) == 0 || strncmp(name, "right/", 6) == 0) {
        name += 6;
    }
    return *name == 0 ? NULL : name;
}

static int readZone(const char *path, struct zone *zone) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return 0;
    }
    zone->bytes = fread(zone->content, 1, sizeof zone->content, file);
    fclose(file);
    return zone->bytes > 0 && zone->bytes < sizeof zone->content;
}

static int compare(const char *path, const struct stat *status, int kind, struct FTW *walk) {
    static struct zone candidate;
    (void) walk;
    if (kind != FTW_F || (size_t) status->st_size != wanted.bytes || strstr(path, "/posix") || strstr(path, "/right/")
            || strstr(path, "/localtime")) {
        return 0;
    }
    if (!readZone(path, &candidate) || memcmp(candidate.content, wanted.content, wanted.bytes) != 0) {
        return 0;
    }
    found = strdup(zoneIn(path));
    return 1; // ends the walk
}

static char *fromEnvironment(void) {
    const char *zone = getenv("TZ");
    if (zone == NULL || *zone == 0) {
        return NULL;
    }
    if (*zone == ':') {
        zone++;
    }
    if (*zone == '/') {
        const char *name = zoneIn(zone);
        return name == NULL ? NULL : strdup(name);
    }
    return strdup(strncmp(zone, "posix/", 6) == 0 ? zone + 6 : zone);
}

static char *fromLocaltime(void) {
    char target[PATH_MAX];
    ssize_t bytes = readlink(LOCALTIME, target, sizeof target - 1);
    if (bytes > 0) {
        target[bytes] = 0;
        const char *name = zoneIn(target);
        if (name != NULL) {
            return strdup(name);
        }
    }
    if (readZone(LOCALTIME, &wanted)) { // a copy of a zone's file, as containers have it
        nftw(ZONES, compare, FILES_OPEN_MAX, FTW_PHYS);
    }
    return found;
}

// The caller frees the name. "GMT" if nothing says otherwise. The arguments are for another system.
char *SVM_FindJavaTZmd(const char *mappings, int bytes) {
    (void) mappings;
    (void) bytes;
    char *zone = fromEnvironment();
    if (zone == NULL) {
        zone = fromLocaltime();
    }
    return zone == NULL ? strdup("GMT") : zone;
}
