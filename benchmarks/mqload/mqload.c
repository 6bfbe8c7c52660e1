// SPDX-License-Identifier: Apache-2.0
/*
 * mqload - a small single-threaded epoll MQTT 3.1.1 / 5.0 load generator and
 * message-loss auditor.  It only speaks to loopback addresses.
 *
 *   mqload bench    N publishers -> M subscribers, throughput / latency / loss
 *   mqload source   publish QoS 0/1/2, record every acknowledged sequence number in a file
 *   mqload sink     (persistent) subscriber, checks sequence numbers, verifies a source's file
 *   mqload idle     hold N idle connections
 *   mqload startup  start a broker (argv after --) and time it until the first CONNACK
 *   mqload wait     wait until a broker answers CONNACK
 *   mqload force    write and fdatasync, again and again: what the disk itself takes for an acknowledgement
 *
 * Every payload starts with a 24-byte header: magic u32, publisher u32, sequence u64, send time u64
 * (CLOCK_MONOTONIC ns; in rate mode the time at which the message was due, so that a stall of the
 * broker is charged to every message that it delayed).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAGIC 0x4d514c44u
#define HDR 24
#define RBUF (256 * 1024)
#define ARRAY(a) (sizeof(a) / sizeof((a)[0]))

typedef uint64_t u64;
typedef uint32_t u32;
typedef uint8_t u8;

static void die(const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    fprintf(stderr, "mqload: ");
    vfprintf(stderr, fmt, ap);
    fprintf(stderr, "\n");
    va_end(ap);
    exit(2);
}
static u64 now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (u64)t.tv_sec * 1000000000ull + (u64)t.tv_nsec;
}
static void *xalloc(size_t n) {
    void *p = calloc(1, n ? n : 1);
    if (!p) die("out of memory");
    return p;
}

/* ---------- options ---------- */
static struct {
    const char *host, *sub_host, *topic, *filter, *id, *user, *pass, *file, *verify, *state, *series;
    int port, sub_port, proto, pubs, subs, qos, sub_qos, size, inflight, recv_max, keepalive, clean;
    int broker_pid, conns, json, sub_only, reconnect, one_topic, window, batch, idle_exit_ms, keep;
    u64 count, warmup, expiry;
    double rate, max_time, hold;
} o = {.host = "127.0.0.1", .topic = "load", .id = "mql", .port = 1883, .proto = 5, .pubs = 1, .subs = 1,
       .qos = 0, .sub_qos = -1, .size = 64, .inflight = 100, .recv_max = 0, .keepalive = 0, .clean = -1,
       .count = 100000, .warmup = 0, .expiry = 86400, .max_time = 60, .window = 0, .batch = 16384,
       .idle_exit_ms = 5000, .conns = 100, .hold = 5};

/* ---------- latency histogram: log-linear, 128 sub-buckets per power of two ---------- */
#define SUBB 7
static u64 hist[64 << SUBB];
static u64 hist_n, hist_max, hist_sum;
static void hist_add(u64 v) {
    unsigned idx;
    if (v < (1u << SUBB)) idx = (unsigned)v;
    else {
        int e = 63 - __builtin_clzll(v);
        idx = ((unsigned)(e - SUBB + 1) << SUBB) + (unsigned)((v >> (e - SUBB)) & ((1u << SUBB) - 1));
    }
    hist[idx]++;
    hist_n++;
    hist_sum += v;
    if (v > hist_max) hist_max = v;
}
static double hist_us(double q) {
    if (!hist_n) return 0;
    u64 want = (u64)(q * (double)hist_n);
    if (want >= hist_n) want = hist_n - 1;
    u64 c = 0;
    for (unsigned i = 0; i < ARRAY(hist); i++) {
        c += hist[i];
        if (c > want) {
            if (i < (1u << SUBB)) return i / 1000.0;
            unsigned e = (i >> SUBB) + SUBB - 1;
            u64 lo = (1ull << e) + ((u64)(i & ((1u << SUBB) - 1)) << (e - SUBB));
            return ((double)lo + (double)(1ull << (e - SUBB)) / 2) / 1000.0;
        }
    }
    return hist_max / 1000.0;
}

/* ---------- process figures ---------- */
static double proc_cpu(int pid) {
    clockid_t c;
    struct timespec t;
    if (pid <= 0 || clock_getcpuclockid(pid, &c) || clock_gettime(c, &t)) return 0;
    return (double)t.tv_sec + t.tv_nsec / 1e9;
}
static long proc_rss_kib(int pid, const char *key) {
    char p[64], line[256];
    long v = -1;
    snprintf(p, sizeof p, "/proc/%d/status", pid);
    FILE *f = fopen(p, "r");
    if (!f) return -1;
    size_t n = strlen(key);
    while (fgets(line, sizeof line, f))
        if (!strncmp(line, key, n)) v = atol(line + n);
    fclose(f);
    return v;
}
static double self_cpu(void) {
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return r.ru_utime.tv_sec + r.ru_stime.tv_sec + (r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

/* ---------- connection ---------- */
enum { PUB = 1, SUB, IDLE };
typedef struct {
    u64 seq, due, dup;
    u8 st; /* 0 free, 1 sent, 2 pubrel sent */
} slot_t;
typedef struct {
    int fd, kind, idx, ep_out, qos, session_present, dead;
    u8 *rb, *wb;
    size_t rlen, rcap, wlen, woff, wcap;
    /* publisher */
    u64 next_seq, acked, credit_due;
    int infl, infl_max, window_max;
    slot_t *slots;
    uint16_t *freeq;
    unsigned fq_head, fq_tail;
    char topic[128];
    int topic_len;
} conn_t;

static int ep = -1;

static void need(conn_t *c, size_t n) {
    if (c->woff == c->wlen) c->woff = c->wlen = 0;
    if (c->wlen + n > c->wcap) {
        if (c->woff) {
            memmove(c->wb, c->wb + c->woff, c->wlen - c->woff);
            c->wlen -= c->woff;
            c->woff = 0;
        }
        if (c->wlen + n > c->wcap) {
            c->wcap = (c->wlen + n) * 2;
            c->wb = realloc(c->wb, c->wcap);
            if (!c->wb) die("oom");
        }
    }
}
static int put_varint(u8 *p, u32 v) {
    int n = 0;
    do {
        u8 b = v & 127;
        v >>= 7;
        p[n++] = v ? b | 128 : b;
    } while (v);
    return n;
}
static void put16(u8 *p, unsigned v) { p[0] = (u8)(v >> 8); p[1] = (u8)v; }
static void put32(u8 *p, u32 v) { put16(p, v >> 16); put16(p + 2, v & 0xffff); }

static int build_connect(u8 *out, const char *id, int clean, u64 expiry, int recv_max) {
    u8 b[2048];
    int n = 0;
    memcpy(b, "\0\4MQTT", 6);
    n = 6;
    b[n++] = (u8)o.proto;
    b[n++] = (u8)((clean ? 2 : 0) | (o.user ? 0x80 : 0) | (o.pass ? 0x40 : 0));
    put16(b + n, (unsigned)o.keepalive);
    n += 2;
    if (o.proto == 5) {
        u8 pr[32];
        int pn = 0;
        if (expiry) { pr[pn++] = 0x11; put32(pr + pn, (u32)expiry); pn += 4; }
        if (recv_max) { pr[pn++] = 0x21; put16(pr + pn, (unsigned)recv_max); pn += 2; }
        n += put_varint(b + n, (u32)pn);
        memcpy(b + n, pr, (size_t)pn);
        n += pn;
    }
    const char *s[3] = {id, o.user, o.pass};
    for (int i = 0; i < 3; i++) {
        if (!s[i]) continue;
        size_t l = strlen(s[i]);
        put16(b + n, (unsigned)l);
        memcpy(b + n + 2, s[i], l);
        n += 2 + (int)l;
    }
    out[0] = 0x10;
    int v = put_varint(out + 1, (u32)n);
    memcpy(out + 1 + v, b, (size_t)n);
    return 1 + v + n;
}
static int read_full(int fd, u8 *p, size_t n) {
    while (n) {
        ssize_t r = read(fd, p, n);
        if (r < 0 && errno == EINTR) continue;
        if (r <= 0) return -1;
        p += r;
        n -= (size_t)r;
    }
    return 0;
}
/* read one packet on a blocking socket; returns the body length, -1 on error */
static int read_packet(int fd, u8 *type, u8 *body, size_t cap) {
    u8 b;
    if (read_full(fd, type, 1)) return -1;
    u32 len = 0;
    int sh = 0;
    do {
        if (read_full(fd, &b, 1)) return -1;
        len |= (u32)(b & 127) << sh;
        sh += 7;
    } while (b & 128);
    if (len > cap || read_full(fd, body, len)) return -1;
    return (int)len;
}
static int tcp_connect(const char *host, int port) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (inet_pton(AF_INET, host, &a.sin_addr) != 1 || (ntohl(a.sin_addr.s_addr) >> 24) != 127)
        die("only 127.0.0.0/8 addresses are allowed as a target: %s", host);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) die("socket: %s", strerror(errno));
    if (connect(fd, (struct sockaddr *)&a, sizeof a)) {
        close(fd);
        return -1;
    }
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct timeval tv = {.tv_sec = 15};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
    return fd;
}
/* blocking CONNECT / CONNACK; returns the descriptor or -1; *sp: session present, *rm: receive maximum.
 * Bytes that arrive together with the CONNACK stay in the socket, since we read exactly one packet. */
static int mqtt_connect(const char *host, int port, const char *id, int clean, u64 expiry, int recv_max, int *sp,
                        int *rm) {
    int fd = tcp_connect(host, port);
    if (fd < 0) return -1;
    u8 b[4096], body[4096], t;
    int n = build_connect(b, id, clean, expiry, recv_max);
    if (write(fd, b, (size_t)n) != n) goto bad;
    int l = read_packet(fd, &t, body, sizeof body);
    if (l < 2 || t != 0x20) goto bad;
    if (body[1] != 0) {
        fprintf(stderr, "mqload: CONNACK reason 0x%02x for %s\n", body[1], id);
        goto bad;
    }
    if (sp) *sp = body[0] & 1;
    if (rm) {
        *rm = 65535;
        if (o.proto == 5 && l > 3) { /* scan the properties for Receive Maximum */
            int p = 2, plen = 0, sh = 0;
            u8 v;
            do { v = body[p++]; plen |= (v & 127) << sh; sh += 7; } while (v & 128);
            int e = p + plen;
            while (p < e && p < l) {
                u8 k = body[p++];
                if (k == 0x21) { *rm = body[p] << 8 | body[p + 1]; p += 2; }
                else if (k == 0x11 || k == 0x27) p += 4;
                else if (k == 0x22 || k == 0x13) p += 2;
                else if (k == 0x24 || k == 0x25 || k == 0x28 || k == 0x29 || k == 0x2a) p += 1;
                else if (k == 0x12 || k == 0x1f || k == 0x1a || k == 0x1c || k == 0x15 || k == 0x16) p += 2 + (body[p] << 8 | body[p + 1]);
                else if (k == 0x26) { p += 2 + (body[p] << 8 | body[p + 1]); p += 2 + (body[p] << 8 | body[p + 1]); }
                else break;
            }
        }
    }
    return fd;
bad:
    close(fd);
    return -1;
}
static int build_subscribe(u8 *out, const char *filter, int qos) {
    u8 b[1024];
    int n = 0;
    put16(b, 1);
    n = 2;
    if (o.proto == 5) b[n++] = 0;
    size_t l = strlen(filter);
    put16(b + n, (unsigned)l);
    memcpy(b + n + 2, filter, l);
    n += 2 + (int)l;
    b[n++] = (u8)qos;
    out[0] = 0x82;
    int v = put_varint(out + 1, (u32)n);
    memcpy(out + 1 + v, b, (size_t)n);
    return 1 + v + n;
}
static void conn_attach(conn_t *c, int fd) {
    c->fd = fd;
    c->rlen = c->wlen = c->woff = 0;
    c->ep_out = 0;
    c->dead = 0;
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e)) die("epoll_ctl");
}
static void conn_close(conn_t *c) {
    if (c->fd >= 0) {
        epoll_ctl(ep, EPOLL_CTL_DEL, c->fd, NULL);
        close(c->fd);
    }
    c->fd = -1;
    c->dead = 1;
}
static conn_t *conn_new(int kind, int idx, size_t rcap) {
    conn_t *c = xalloc(sizeof *c);
    c->kind = kind;
    c->idx = idx;
    c->fd = -1;
    c->rcap = rcap;
    c->rb = xalloc(rcap);
    c->wcap = 4096;
    c->wb = xalloc(c->wcap);
    return c;
}
static int flush_conn(conn_t *c) {
    if (c->fd < 0) return -1;
    while (c->woff < c->wlen) {
        ssize_t r = send(c->fd, c->wb + c->woff, c->wlen - c->woff, MSG_NOSIGNAL);
        if (r < 0) {
            if (errno == EINTR) continue;
            if (errno == EAGAIN) break;
            return -1;
        }
        c->woff += (size_t)r;
    }
    if (c->woff == c->wlen) c->woff = c->wlen = 0;
    int want = c->woff < c->wlen;
    if (want != c->ep_out) {
        struct epoll_event e = {.events = EPOLLIN | (want ? EPOLLOUT : 0), .data.ptr = c};
        epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
        c->ep_out = want;
    }
    return 0;
}
static void put_ack(conn_t *c, u8 type, unsigned pid) {
    need(c, 4);
    u8 *p = c->wb + c->wlen;
    p[0] = type;
    p[1] = 2;
    put16(p + 2, pid);
    c->wlen += 4;
}

/* ---------- global run state ---------- */
static conn_t **pubs, **subs;
static u64 total_sent, total_acked, total_recv, recv_dup_flag, bad_payload, disconnects, ack_errors;
static u64 *sub_next;       /* [sub][pub] next expected sequence, bench */
static u64 gaps, backs;     /* bench */
static u64 *seen, seen_words, dups; /* [sub][pub] bitmap of the sequences received, bench */
static u64 last_progress, first_recv, last_recv;
static int publish_latency; /* source mode: the histogram holds publish->ack times */
static volatile sig_atomic_t stop_flag;
static void on_sig(int s) { (void)s; stop_flag = 1; }

/* audit file: header + per publisher {sent, acked, dups} + bitmap */
typedef struct { u64 magic, pubs, maxseq, total, words; } aud_t;
static aud_t *aud;
static u64 *aud_cnt, *aud_bits;
static aud_t *aud_open(const char *f, u64 np, u64 maxseq, int create, u64 **cnt, u64 **bits) {
    int fd = open(f, create ? O_RDWR | O_CREAT : O_RDONLY, 0644);
    if (fd < 0) die("%s: %s", f, strerror(errno));
    struct stat st;
    fstat(fd, &st);
    u64 words = (maxseq + 63) / 64;
    size_t sz;
    if (create) {
        sz = sizeof(aud_t) + np * 8 * 3 + np * words * 8;
        if ((size_t)st.st_size != sz && ftruncate(fd, (off_t)sz)) die("ftruncate %s", f);
    } else sz = (size_t)st.st_size;
    aud_t *a = mmap(NULL, sz, create ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);
    if (a == MAP_FAILED) die("mmap %s", f);
    close(fd);
    if (create && a->magic == 0) { a->magic = MAGIC; a->pubs = np; a->maxseq = maxseq; a->words = words; }
    if (a->magic != MAGIC) die("%s is not an audit file", f);
    *cnt = (u64 *)(a + 1);
    *bits = *cnt + a->pubs * 3;
    return a;
}
static inline int bit_set(u64 *bits, u64 words, u64 pub, u64 seq) { /* returns the old value */
    u64 *w = bits + pub * words + seq / 64, m = 1ull << (seq % 64);
    int old = (*w & m) != 0;
    *w |= m;
    return old;
}

static void put_publish(conn_t *c, u64 seq, u64 due, unsigned pid, int dup) {
    u32 rem = 2u + (u32)c->topic_len + (c->qos ? 2u : 0u) + (o.proto == 5 ? 1u : 0u) + (u32)o.size;
    need(c, rem + 5);
    u8 *p = c->wb + c->wlen;
    *p++ = (u8)(0x30 | c->qos << 1 | (dup ? 8 : 0));
    p += put_varint(p, rem);
    put16(p, (unsigned)c->topic_len);
    p += 2;
    memcpy(p, c->topic, (size_t)c->topic_len);
    p += c->topic_len;
    if (c->qos) { put16(p, pid); p += 2; }
    if (o.proto == 5) *p++ = 0;
    u32 m = MAGIC, id = (u32)c->idx;
    memcpy(p, &m, 4);
    memcpy(p + 4, &id, 4);
    memcpy(p + 8, &seq, 8);
    memcpy(p + 16, &due, 8);
    memset(p + HDR, 'x', (size_t)(o.size - HDR));
    p += o.size;
    c->wlen = (size_t)(p - c->wb);
}
static int pub_can(conn_t *c) {
    if (c->fd < 0 || c->next_seq >= o.count) return 0;
    if (c->qos && c->infl >= c->infl_max) return 0;
    return c->wlen - c->woff < (size_t)o.batch;
}
static void pub_one(conn_t *c, u64 due) {
    unsigned pid = 0;
    if (c->qos) {
        pid = c->freeq[c->fq_head++ % (unsigned)c->window_max];
        slot_t *s = &c->slots[pid];
        s->seq = c->next_seq;
        s->due = due;
        s->st = 1;
        c->infl++;
    }
    put_publish(c, c->next_seq++, due, pid, 0);
    total_sent++;
    if (publish_latency) aud_cnt[c->idx * 3]++;
}
static void pub_done(conn_t *c, unsigned pid) {
    slot_t *s = &c->slots[pid];
    u64 t = now_ns();
    s->st = 0;
    c->infl--;
    c->freeq[c->fq_tail++ % (unsigned)c->window_max] = (uint16_t)pid;
    c->acked++;
    total_acked++;
    last_progress = t;
    if (publish_latency) {
        hist_add(t - s->due);
        aud_cnt[c->idx * 3 + 1]++;
        aud->total++;
        bit_set(aud_bits, aud->words, (u64)c->idx, s->seq);
    }
}
static void pub_slots(conn_t *c, int n) {
    c->window_max = c->infl_max = n;
    c->slots = xalloc(sizeof(slot_t) * ((size_t)n + 1));
    c->freeq = xalloc(sizeof(uint16_t) * (size_t)n);
    for (int i = 0; i < n; i++) c->freeq[i] = (uint16_t)(i + 1);
    c->fq_head = 0;
    c->fq_tail = (unsigned)n;
}

/* sink callback state */
static int sink_mode;
static u64 sink_unique, sink_dups, sink_reordered;
static u64 *sink_next; /* [pub] one more than the highest sequence number that arrived in this run */
static u64 warm_total, t_meas, meas_recv0;
static double cpu0, self0;
static u64 count_per_pub_warm;

static void got_publish(conn_t *c, u8 hdr, u8 *b, u32 len) {
    int qos = hdr >> 1 & 3;
    u32 tl = (u32)b[0] << 8 | b[1], p = 2 + tl;
    unsigned pid = 0;
    if (qos) { pid = (unsigned)(b[p] << 8 | b[p + 1]); p += 2; }
    if (o.proto == 5) {
        u32 pl = 0;
        int sh = 0;
        u8 v;
        do { v = b[p++]; pl |= (u32)(v & 127) << sh; sh += 7; } while (v & 128);
        p += pl;
    }
    if (qos == 1) put_ack(c, 0x40, pid);
    else if (qos == 2) put_ack(c, 0x50, pid);
    u32 m = 0, pub;
    u64 seq, due;
    if (p + HDR <= len) memcpy(&m, b + p, 4);
    if (m != MAGIC) { bad_payload++; return; }
    memcpy(&pub, b + p + 4, 4);
    memcpy(&seq, b + p + 8, 8);
    memcpy(&due, b + p + 16, 8);
    u64 t = now_ns();
    if (hdr & 8) recv_dup_flag++;
    if (!first_recv) first_recv = t;
    last_recv = last_progress = t;
    total_recv++;
    if (sink_mode) {
        if (pub >= aud->pubs || seq >= aud->maxseq) { bad_payload++; return; }
        if (bit_set(aud_bits, aud->words, pub, seq)) { sink_dups++; aud_cnt[pub * 3 + 2]++; }
        else {
            sink_unique++;
            aud->total++;
            aud_cnt[pub * 3 + 1]++;
            if (seq < sink_next[pub]) sink_reordered++;
            else sink_next[pub] = seq + 1;
        }
        if (t > due) hist_add(t - due);
        return;
    }
    if (pub >= (u32)o.pubs) { bad_payload++; return; }
    u64 *nx = &sub_next[(u64)c->idx * (u64)o.pubs + pub];
    if (seq == *nx) ++*nx;
    else if (seq > *nx) { gaps += seq - *nx; *nx = seq + 1; }
    else backs++; /* out of order or a duplicate */
    if (seq >= o.count) { bad_payload++; return; }
    if (bit_set(seen, seen_words, (u64)c->idx * (u64)o.pubs + pub, seq)) { dups++; return; }
    if (seq >= count_per_pub_warm) hist_add(t - due);
    if (!t_meas && total_recv >= warm_total) {
        t_meas = t;
        meas_recv0 = total_recv;
        cpu0 = proc_cpu(o.broker_pid);
        self0 = self_cpu();
    }
}
static void got_packet(conn_t *c, u8 hdr, u8 *b, u32 len) {
    unsigned pid = len >= 2 ? (unsigned)(b[0] << 8 | b[1]) : 0;
    switch (hdr >> 4) {
    case 3: got_publish(c, hdr, b, len); break;
    case 4: case 7: /* PUBACK, PUBCOMP */
        if (c->kind == PUB && pid && pid <= (unsigned)c->window_max && c->slots[pid].st) {
            if (len > 2 && b[2] >= 0x80) {
                ack_errors++; /* refused: free the slot, but it is not acknowledged */
                c->slots[pid].st = 0;
                c->infl--;
                c->freeq[c->fq_tail++ % (unsigned)c->window_max] = (uint16_t)pid;
            } else pub_done(c, pid);
        }
        break;
    case 5: /* PUBREC */
        if (c->kind == PUB && pid && pid <= (unsigned)c->window_max) {
            c->slots[pid].st = 2;
            put_ack(c, 0x62, pid);
        }
        break;
    case 6: /* PUBREL */
        put_ack(c, 0x70, pid);
        break;
    case 14:
        fprintf(stderr, "mqload: DISCONNECT from the broker, reason 0x%02x\n", len ? b[0] : 0);
        break;
    default: break;
    }
}
static int conn_read(conn_t *c) {
    for (int round = 0; round < 4; round++) {
        ssize_t r = recv(c->fd, c->rb + c->rlen, c->rcap - c->rlen, 0);
        if (r < 0) {
            if (errno == EINTR) continue;
            if (errno == EAGAIN) break;
            return -1;
        }
        if (r == 0) return -1;
        c->rlen += (size_t)r;
        size_t full = c->rlen == c->rcap;
        size_t off = 0;
        while (c->rlen - off >= 2) {
            u32 len = 0;
            int sh = 0;
            size_t q = off + 1;
            int ok = 0;
            while (q < c->rlen && sh < 28) {
                u8 v = c->rb[q++];
                len |= (u32)(v & 127) << sh;
                sh += 7;
                if (!(v & 128)) { ok = 1; break; }
            }
            if (!ok) break;
            if (len + 16 > c->rcap) die("packet of %u bytes is too large", len);
            if (c->rlen - q < len) break;
            got_packet(c, c->rb[off], c->rb + q, len);
            off = q + len;
        }
        if (off) {
            memmove(c->rb, c->rb + off, c->rlen - off);
            c->rlen -= off;
        }
        if (!full) break;
    }
    return 0;
}
static int ep_wait(struct epoll_event *ev, int n, int64_t ns) {
    struct timespec ts = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
    int r = epoll_pwait2(ep, ev, n, ns < 0 ? NULL : &ts, NULL);
    if (r < 0 && errno != EINTR) die("epoll: %s", strerror(errno));
    return r < 0 ? 0 : r;
}

static void do_subscribe_blocking(int fd, const char *filter, int qos) {
    u8 b[2048], body[4096], t;
    int n = build_subscribe(b, filter, qos);
    if (write(fd, b, (size_t)n) != n) die("subscribe: write");
    int l = read_packet(fd, &t, body, sizeof body);
    if (l < 3 || t != 0x90) die("no SUBACK (type 0x%02x, len %d)", t, l);
    if (body[l - 1] >= 0x80) die("SUBACK reason 0x%02x", body[l - 1]);
}
static void make_pubs(void) {
    pubs = xalloc(sizeof *pubs * (size_t)o.pubs);
    for (int i = 0; i < o.pubs; i++) {
        char id[128];
        int rm = 65535;
        conn_t *c = pubs[i] = conn_new(PUB, i, 16384);
        snprintf(id, sizeof id, "%s-p%d", o.id, i);
        c->qos = o.qos;
        if (o.one_topic) c->topic_len = snprintf(c->topic, sizeof c->topic, "%s", o.topic);
        else c->topic_len = snprintf(c->topic, sizeof c->topic, "%s/%d", o.topic, i);
        int clean = o.clean >= 0 ? o.clean : 1;
        int fd = mqtt_connect(o.host, o.port, id, clean, clean ? 0 : o.expiry, 0, NULL, &rm);
        if (fd < 0) die("publisher %d cannot connect to %s:%d", i, o.host, o.port);
        int n = o.inflight < rm ? o.inflight : rm;
        if (n > 65534) n = 65534;
        pub_slots(c, n);
        conn_attach(c, fd);
    }
}

/* ---------- bench ---------- */
static int bench(void) {
    struct epoll_event ev[256];
    ep = epoll_create1(EPOLL_CLOEXEC);
    if (o.sub_qos < 0) o.sub_qos = o.qos;
    u64 per = o.count / (u64)o.pubs, wper = o.warmup / (u64)o.pubs;
    o.count = per + wper; /* from here on: per publisher */
    count_per_pub_warm = wper;
    u64 total = o.count * (u64)o.pubs, expect = total * (u64)o.subs;
    warm_total = wper * (u64)o.pubs * (u64)o.subs;
    char filter[256];
    if (o.filter) snprintf(filter, sizeof filter, "%s", o.filter);
    else if (o.one_topic) snprintf(filter, sizeof filter, "%s", o.topic);
    else snprintf(filter, sizeof filter, "%s/#", o.topic);
    subs = xalloc(sizeof *subs * (size_t)o.subs);
    seen_words = (o.count + 63) / 64;
    seen = xalloc(8 * seen_words * (size_t)o.subs * (size_t)o.pubs);
    sub_next = xalloc(8 * (size_t)o.subs * (size_t)o.pubs);
    for (int i = 0; i < o.subs; i++) {
        char id[128];
        conn_t *c = subs[i] = conn_new(SUB, i, RBUF);
        snprintf(id, sizeof id, "%s-s%d", o.id, i);
        int fd = mqtt_connect(o.sub_host ? o.sub_host : o.host, o.sub_port ? o.sub_port : o.port, id, 1, 0,
                              o.recv_max, NULL, NULL);
        if (fd < 0) die("subscriber %d cannot connect", i);
        do_subscribe_blocking(fd, filter, o.sub_qos);
        conn_attach(c, fd);
    }
    make_pubs();
    if (o.sub_port && o.sub_port != o.port) usleep(300000);
    u64 t0 = now_ns(), rr = 0, writeoff = 0;
    u64 deadline = t0 + (u64)(o.max_time * 1e9);
    double gap_ns = o.rate > 0 ? 1e9 / o.rate : 0;
    last_progress = t0;
    if (!warm_total) { t_meas = t0; cpu0 = proc_cpu(o.broker_pid); self0 = self_cpu(); }
    int timed_out = 0, stalls = 0;
    while (!stop_flag) {
        u64 t = now_ns();
        if (t > deadline) { timed_out = 1; break; }
        if (total_recv + writeoff >= expect && total_sent >= total) {
            if (!o.qos || total_acked + ack_errors >= total) break;
        }
        int64_t wait_ns = 50000000;
        if (total_sent < total) {
            if (gap_ns > 0) {
                while (total_sent < total) {
                    u64 due = t0 + (u64)((double)total_sent * gap_ns);
                    if (due > t) { wait_ns = (int64_t)(due - t); break; }
                    conn_t *c = pubs[rr % (u64)o.pubs];
                    if (!pub_can(c)) { wait_ns = 1000000; if (++rr % (u64)o.pubs == 0) break; continue; }
                    rr++;
                    pub_one(c, due);
                    if (flush_conn(c)) disconnects++, conn_close(c);
                }
            } else {
                u64 budget = UINT64_MAX;
                if (o.window) {
                    u64 done = (total_recv + writeoff) / (u64)o.subs, out = total_sent > done ? total_sent - done : 0;
                    budget = out >= (u64)o.window ? 0 : (u64)o.window - out;
                }
                for (int i = 0; i < o.pubs && budget; i++) {
                    conn_t *c = pubs[(rr + (u64)i) % (u64)o.pubs];
                    /* a burst per publisher and turn, so that the window is shared fairly */
                    int burst = o.window ? (o.window / o.pubs / 2 > 1 ? o.window / o.pubs / 2 : 1) : 1 << 20;
                    int sent = 0;
                    while (budget && burst-- && pub_can(c)) { pub_one(c, t); budget--; sent = 1; }
                    if (sent && flush_conn(c)) disconnects++, conn_close(c);
                }
                rr++;
            }
        }
        int n = ep_wait(ev, (int)ARRAY(ev), wait_ns);
        for (int i = 0; i < n; i++) {
            conn_t *c = ev[i].data.ptr;
            if (c->fd < 0) continue;
            if ((ev[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && conn_read(c)) { disconnects++; conn_close(c); continue; }
            if (c->wlen > c->woff && flush_conn(c)) { disconnects++; conn_close(c); }
        }
        if (now_ns() - last_progress > 2000000000ull) { /* stalled: write off what is outstanding */
            if (total_sent >= total || (stalls > 20 && gap_ns == 0)) break;
            stalls++;
            writeoff = total_sent * (u64)o.subs - total_recv;
            last_progress = now_ns();
        }
    }
    u64 tend = last_recv ? last_recv : now_ns();
    double cpu1 = proc_cpu(o.broker_pid), self1 = self_cpu();
    double el = (double)(tend - t_meas) / 1e9;
    u64 mrecv = total_recv - meas_recv0;
    u64 lost = expect > total_recv - dups ? expect - (total_recv - dups) : 0;
    printf("{\"mode\":\"bench\",\"proto\":%d,\"pubs\":%d,\"subs\":%d,\"qos\":%d,\"size\":%d,\"rate\":%.0f,\"window\":%d,\"inflight\":%d,"
           "\"sent\":%" PRIu64 ",\"acked\":%" PRIu64 ",\"recv\":%" PRIu64 ",\"lost\":%" PRIu64 ",\"dups\":%" PRIu64
           ",\"reordered\":%" PRIu64 ",\"bad\":%" PRIu64 ",\"disc\":%" PRIu64 ",\"ackerr\":%" PRIu64 ",\"stalls\":%d,\"timeout\":%d,"
           "\"secs\":%.3f,\"recv_per_s\":%.0f,\"pub_per_s\":%.0f,"
           "\"p50us\":%.1f,\"p90us\":%.1f,\"p99us\":%.1f,\"p999us\":%.1f,\"maxus\":%.1f,\"meanus\":%.1f,"
           "\"broker_cpu_s\":%.3f,\"broker_cpu_per_Mrecv\":%.3f,\"load_cpu_s\":%.3f,\"broker_rss_kib\":%ld,\"broker_hwm_kib\":%ld}\n",
           o.proto, o.pubs, o.subs, o.qos, o.size, o.rate, o.window, o.inflight, total_sent, total_acked, total_recv,
           lost, dups, backs - dups, bad_payload, disconnects, ack_errors, stalls, timed_out, el, mrecv / el,
           mrecv / el / o.subs, hist_us(.5), hist_us(.9), hist_us(.99), hist_us(.999), hist_max / 1e3,
           hist_n ? (double)hist_sum / (double)hist_n / 1e3 : 0, cpu1 - cpu0,
           mrecv ? (cpu1 - cpu0) * 1e6 / (double)mrecv : 0, self1 - self0,
           proc_rss_kib(o.broker_pid, "VmRSS:"), proc_rss_kib(o.broker_pid, "VmHWM:"));
    return timed_out || lost ? 1 : 0;
}

/* ---------- source ---------- */
static int reconnect_pub(conn_t *c) {
    char id[128];
    int rm, sp = 0;
    snprintf(id, sizeof id, "%s-p%d", o.id, c->idx);
    int fd = mqtt_connect(o.host, o.port, id, 0, o.expiry, 0, &sp, &rm);
    if (fd < 0) return -1;
    conn_attach(c, fd);
    /* resend what was not acknowledged, in order of sequence */
    for (;;) {
        int best = -1;
        for (int i = 1; i <= c->window_max; i++)
            if (c->slots[i].st && c->slots[i].dup != disconnects && (best < 0 || c->slots[i].seq < c->slots[best].seq)) best = i;
        if (best < 0) break;
        c->slots[best].dup = disconnects;
        if (c->slots[best].st == 2 && sp) put_ack(c, 0x62, (unsigned)best);
        else { c->slots[best].st = 1; put_publish(c, c->slots[best].seq, c->slots[best].due, (unsigned)best, 1); }
    }
    return flush_conn(c);
}
static int source(void) {
    struct epoll_event ev[256];
    if (!o.file) die("source needs --file");
    ep = epoll_create1(EPOLL_CLOEXEC);
    u64 per = o.count / (u64)o.pubs;
    o.count = per;
    if (!o.keep) unlink(o.file);
    aud = aud_open(o.file, (u64)o.pubs, per, 1, &aud_cnt, &aud_bits);
    publish_latency = 1;
    if (o.clean < 0) o.clean = o.reconnect ? 0 : 1;
    FILE *ser = o.series ? fopen(o.series, "w") : NULL;
    make_pubs();
    u64 total = per * (u64)o.pubs, t0 = now_ns(), deadline = t0 + (u64)(o.max_time * 1e9), rr = 0;
    double gap_ns = o.rate > 0 ? 1e9 / o.rate : 0, c0 = proc_cpu(o.broker_pid);
    u64 tick = t0 + 1000000000ull, tick_acked = 0, outage0 = 0, outage = 0;
    last_progress = t0;
    const char *end = "done";
    while (1) {
        u64 t = now_ns();
        if (stop_flag) { end = "signal"; break; }
        if (t > deadline) { end = "timeout"; break; }
        if (total_sent >= total && (!o.qos || total_acked + ack_errors >= total)) break;
        if (t - last_progress > 30000000000ull && !outage0) { end = "stalled"; break; }
        if (t >= tick) {
            if (ser) { fprintf(ser, "%.3f %" PRIu64 " %" PRIu64 " %ld\n", (t - t0) / 1e9, total_acked - tick_acked, total_sent, proc_rss_kib(o.broker_pid, "VmRSS:")); fflush(ser); }
            tick_acked = total_acked;
            tick += 1000000000ull;
        }
        int lostc = 0;
        for (int i = 0; i < o.pubs; i++)
            if (pubs[i]->fd < 0) {
                if (!o.reconnect) { end = "disconnected"; goto out; }
                if (reconnect_pub(pubs[i])) { if (pubs[i]->fd >= 0) conn_close(pubs[i]); lostc++; }
            }
        if (lostc && !outage0) outage0 = t;
        if (!lostc && outage0) { outage += t - outage0; outage0 = 0; last_progress = t; }
        if (lostc) usleep(20000);
        int64_t wait_ns = lostc ? 0 : 50000000;
        if (gap_ns > 0) {
            while (total_sent < total) {
                u64 due = t0 + (u64)((double)total_sent * gap_ns);
                if (due > t) { int64_t w = (int64_t)(due - t); if (w < wait_ns) wait_ns = w; break; }
                conn_t *c = pubs[rr % (u64)o.pubs];
                if (!pub_can(c)) { if (wait_ns > 1000000) wait_ns = 1000000; if (++rr % (u64)o.pubs == 0) break; continue; }
                rr++;
                pub_one(c, due);
                if (flush_conn(c)) disconnects++, conn_close(c);
            }
        } else {
            for (int i = 0; i < o.pubs; i++) {
                conn_t *c = pubs[i];
                int sent = 0;
                while (pub_can(c)) { pub_one(c, now_ns()); sent = 1; }
                if (sent && flush_conn(c)) disconnects++, conn_close(c);
            }
        }
        int n = ep_wait(ev, (int)ARRAY(ev), wait_ns);
        for (int i = 0; i < n; i++) {
            conn_t *c = ev[i].data.ptr;
            if (c->fd < 0) continue;
            if ((ev[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && conn_read(c)) { disconnects++; conn_close(c); continue; }
            if (c->wlen > c->woff && flush_conn(c)) { disconnects++; conn_close(c); }
        }
    }
out:;
    double el = (double)(now_ns() - t0) / 1e9;
    msync(aud, sizeof *aud, MS_ASYNC);
    if (ser) fclose(ser);
    if (!strcmp(end, "done"))
        for (int i = 0; i < o.pubs; i++)
            if (pubs[i]->fd >= 0) { u8 d[2] = {0xe0, 0}; if (write(pubs[i]->fd, d, 2) != 2) disconnects++; }
    printf("{\"mode\":\"source\",\"end\":\"%s\",\"pubs\":%d,\"qos\":%d,\"size\":%d,\"rate\":%.0f,\"inflight\":%d,\"sent\":%" PRIu64
           ",\"acked\":%" PRIu64 ",\"ackerr\":%" PRIu64 ",\"disc\":%" PRIu64 ",\"secs\":%.3f,\"acked_per_s\":%.0f,"
           "\"outage_s\":%.2f,\"ack_p50us\":%.1f,\"ack_p99us\":%.1f,\"ack_p999us\":%.1f,\"ack_maxus\":%.1f,"
           "\"broker_cpu_s\":%.3f,\"broker_rss_kib\":%ld,\"broker_hwm_kib\":%ld}\n",
           end, o.pubs, o.qos, o.size, o.rate, o.inflight, total_sent, total_acked, ack_errors, disconnects, el,
           total_acked / el, outage / 1e9, hist_us(.5), hist_us(.99), hist_us(.999), hist_max / 1e3,
           proc_cpu(o.broker_pid) - c0, proc_rss_kib(o.broker_pid, "VmRSS:"), proc_rss_kib(o.broker_pid, "VmHWM:"));
    return strcmp(end, "done") != 0;
}

/* ---------- sink ---------- */
static int sink(void) {
    struct epoll_event ev[16];
    ep = epoll_create1(EPOLL_CLOEXEC);
    sink_mode = 1;
    u64 np = (u64)o.pubs, per = o.count / np;
    aud_t *va = NULL;
    u64 *vc = NULL, *vb = NULL;
    if (o.verify && !access(o.verify, R_OK)) { va = aud_open(o.verify, 0, 0, 0, &vc, &vb); np = va->pubs; per = va->maxseq; }
    char tmpf[64];
    if (!o.state) { snprintf(tmpf, sizeof tmpf, "%s/mqload-sink-%d", P_tmpdir, (int)getpid()); o.state = tmpf; }
    else tmpf[0] = 0;
    aud = aud_open(o.state, np, per, 1, &aud_cnt, &aud_bits);
    if (tmpf[0]) unlink(tmpf);
    sink_next = xalloc(sizeof *sink_next * (size_t)np);
    u64 before = aud->total;
    char filter[256];
    snprintf(filter, sizeof filter, "%s", o.filter ? o.filter : "load/#");
    int clean = o.clean >= 0 ? o.clean : 0, sp = 0, first = 1, sp_first = 0;
    conn_t *c = conn_new(SUB, 0, RBUF);
    u64 t0 = now_ns(), deadline = t0 + (u64)(o.max_time * 1e9), tick = t0 + 1000000000ull, tick_n = 0, conn_at = 0;
    FILE *ser = o.series ? fopen(o.series, "w") : NULL;
    double c0 = proc_cpu(o.broker_pid);
    const char *end = "idle";
    while (1) {
        u64 t = now_ns();
        if (stop_flag) { end = "signal"; break; }
        if (t > deadline) { end = "timeout"; break; }
        if (c->fd < 0) {
            int fd = mqtt_connect(o.host, o.port, o.id, clean && first, o.expiry, o.recv_max, &sp, NULL);
            if (fd < 0) { usleep(50000); continue; }
            if (first) sp_first = sp;
            if (!sp || o.sub_only) { /* a session that is present has its subscription already */
                if (first || !sp) {
                    u8 b[2048];
                    int n = build_subscribe(b, filter, o.sub_qos < 0 ? 1 : o.sub_qos);
                    if (write(fd, b, (size_t)n) != n) { close(fd); continue; }
                }
                if (o.sub_only) {
                    u8 body[65536], ty;
                    do { if (read_packet(fd, &ty, body, sizeof body) < 0) die("no SUBACK"); } while (ty != 0x90);
                    u8 d[2] = {0xe0, 0};
                    if (write(fd, d, 2) != 2) die("write");
                    close(fd);
                    printf("{\"mode\":\"sink\",\"end\":\"subscribed\",\"session_present\":%d}\n", sp);
                    return 0;
                }
            }
            first = 0;
            conn_attach(c, fd);
            t = conn_at = now_ns();
            last_progress = conn_at;
        }
        if (o.expiry && aud->total >= (u64)o.hold && o.hold > 0) { end = "expected"; if (t - last_recv > 500000000ull) break; }
        if (o.idle_exit_ms && t - last_progress > (u64)o.idle_exit_ms * 1000000ull) break;
        if (t >= tick) {
            if (ser) { fprintf(ser, "%.3f %" PRIu64 "\n", (t - t0) / 1e9, total_recv - tick_n); fflush(ser); }
            tick_n = total_recv;
            tick += 1000000000ull;
        }
        int n = ep_wait(ev, (int)ARRAY(ev), 50000000);
        for (int i = 0; i < n; i++) {
            if (c->fd < 0) continue;
            if ((ev[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && conn_read(c)) { disconnects++; conn_close(c); continue; }
            if (c->wlen > c->woff && flush_conn(c)) { disconnects++; conn_close(c); }
        }
    }
    /* let the last acknowledgements go out, then leave cleanly */
    if (c->fd >= 0) {
        flush_conn(c);
        u8 d[2] = {0xe0, 0};
        if (write(c->fd, d, 2) != 2) disconnects++;
        usleep(50000);
    }
    u64 acked = 0, lost = 0, extra = 0, sent = 0;
    if (va)
        for (u64 p = 0; p < va->pubs; p++) {
            sent += vc[p * 3];
            for (u64 w = 0; w < va->words; w++) {
                u64 a = vb[p * va->words + w], g = aud_bits[p * aud->words + w];
                acked += (u64)__builtin_popcountll(a);
                lost += (u64)__builtin_popcountll(a & ~g);
                extra += (u64)__builtin_popcountll(g & ~a);
            }
        }
    double el = first_recv ? (double)(last_recv - first_recv) / 1e9 : 0;
    printf("{\"mode\":\"sink\",\"end\":\"%s\",\"session_present\":%d,\"recv\":%" PRIu64 ",\"unique\":%" PRIu64 ",\"dups\":%" PRIu64
           ",\"reordered\":%" PRIu64 ",\"dup_flag\":%" PRIu64 ",\"unique_total\":%" PRIu64 ",\"bad\":%" PRIu64 ",\"disc\":%" PRIu64
           ",\"secs\":%.3f,\"recv_per_s\":%.0f,\"first_ms\":%.1f,\"lat_p50ms\":%.2f,\"lat_p99ms\":%.2f,\"lat_maxms\":%.2f,\"broker_cpu_s\":%.3f,\"broker_rss_kib\":%ld",
           end, sp_first, total_recv, sink_unique, sink_dups, sink_reordered, recv_dup_flag, before + sink_unique, bad_payload,
           disconnects, el, el > 0 ? total_recv / el : 0, first_recv ? (first_recv - t0) / 1e6 : -1, hist_us(.5) / 1e3,
           hist_us(.99) / 1e3, hist_max / 1e6, proc_cpu(o.broker_pid) - c0, proc_rss_kib(o.broker_pid, "VmRSS:"));
    if (va)
        printf(",\"src_sent\":%" PRIu64 ",\"src_acked\":%" PRIu64 ",\"acked_lost\":%" PRIu64 ",\"unacked_delivered\":%" PRIu64, sent, acked, lost, extra);
    printf("}\n");
    return lost ? 1 : 0;
}

/* ---------- idle, startup, wait ---------- */
static int idle_mode(void) {
    int *fd = xalloc(sizeof(int) * (size_t)o.conns);
    for (int i = 0; i < o.conns; i++) {
        char id[128];
        snprintf(id, sizeof id, "%s-i%d", o.id, i);
        fd[i] = mqtt_connect(o.host, o.port, id, 1, 0, 0, NULL, NULL);
        if (fd[i] < 0) die("connection %d failed", i);
        if (o.filter) {
            char f[256];
            snprintf(f, sizeof f, "%s/%d", o.filter, i);
            do_subscribe_blocking(fd[i], f, 1);
        }
    }
    printf("{\"mode\":\"idle\",\"conns\":%d}\n", o.conns);
    fflush(stdout);
    for (u64 e = now_ns() + (u64)(o.hold * 1e9); now_ns() < e && !stop_flag;) usleep(20000);
    return 0;
}
static int wait_mode(int child, u64 t0) {
    u64 deadline = t0 + (u64)(o.max_time * 1e9);
    while (now_ns() < deadline) {
        int fd = mqtt_connect(o.host, o.port, "mql-wait", 1, 0, 0, NULL, NULL);
        if (fd >= 0) {
            double ms = (double)(now_ns() - t0) / 1e6;
            u8 d[2] = {0xe0, 0};
            if (write(fd, d, 2) != 2) perror("write");
            close(fd);
            printf("{\"mode\":\"startup\",\"connack_ms\":%.2f,\"pid\":%d,\"rss_kib\":%ld}\n", ms, child, child ? proc_rss_kib(child, "VmRSS:") : -1);
            return 0;
        }
        int st;
        if (child && waitpid(child, &st, WNOHANG) == child) die("the broker ended (status 0x%x)", st);
        usleep(1000);
    }
    if (child) kill(child, SIGKILL);
    die("no CONNACK in %.0f s", o.max_time);
    return 1;
}
static int startup_mode(char **argv) {
    if (!argv[0]) die("startup needs a command after --");
    u64 t0 = now_ns();
    pid_t p = fork();
    if (p < 0) die("fork");
    if (!p) {
        setsid();
        int fd = open(o.file ? o.file : "/dev/null", O_WRONLY | O_CREAT | O_APPEND, 0644), nul = open("/dev/null", O_RDONLY);
        dup2(nul, 0);
        dup2(fd, 1);
        dup2(fd, 2);
        execvp(argv[0], argv);
        _exit(127);
    }
    return wait_mode((int)p, t0);
}

/* ---------- force: the disk without a broker ---------- */
static int force_mode(void) {
    if (!o.file) die("force needs --file");
    int fd = open(o.file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0) die("%s: %s", o.file, strerror(errno));
    /* allocated before, as the segments of a journal are: only the data is forced, not the file's length */
    int e = posix_fallocate(fd, 0, (off_t)((u64)o.size * o.count));
    if (e) { unlink(o.file); die("%s: %s", o.file, strerror(e)); }
    u8 *b = xalloc((size_t)o.size);
    memset(b, 'x', (size_t)o.size);
    u64 t0 = now_ns(), deadline = t0 + (u64)(o.max_time * 1e9), done = 0;
    while (done < o.count && !stop_flag && now_ns() < deadline) {
        u64 t = now_ns();
        if (write(fd, b, (size_t)o.size) != o.size || fdatasync(fd)) {
            unlink(o.file);
            die("%s: write or fdatasync: %s", o.file, strerror(errno));
        }
        hist_add(now_ns() - t);
        done++;
    }
    close(fd);
    unlink(o.file);
    printf("{\"mode\":\"force\",\"size\":%d,\"count\":%" PRIu64 ",\"p50us\":%.1f,\"p99us\":%.1f,\"maxus\":%.1f}\n", o.size, done,
           hist_us(.5), hist_us(.99), (double)hist_max / 1e3);
    return done < o.count;
}

enum { O_PROTO = 256, O_PUBS, O_SUBS, O_QOS, O_SUBQOS, O_SIZE, O_COUNT, O_WARM, O_RATE, O_INFL, O_WINDOW, O_RECVMAX, O_MAXT, O_HOST,
       O_SUBHOST, O_SUBPORT, O_TOPIC, O_FILTER, O_ID, O_PID, O_FILE, O_VERIFY, O_STATE, O_SERIES, O_SUBONLY, O_RECON, O_ONE, O_BATCH,
       O_IDLE, O_CLEAN, O_EXPIRY, O_CONNS, O_HOLD, O_KEEPALIVE, O_USER, O_PASS, O_EXPECT, O_KEEP };
static const struct option lopts[] = {
    {"port", 1, 0, 'p'}, {"proto", 1, 0, O_PROTO}, {"pubs", 1, 0, O_PUBS}, {"subs", 1, 0, O_SUBS}, {"qos", 1, 0, O_QOS},
    {"sub-qos", 1, 0, O_SUBQOS}, {"size", 1, 0, O_SIZE}, {"count", 1, 0, O_COUNT}, {"warmup", 1, 0, O_WARM}, {"rate", 1, 0, O_RATE},
    {"inflight", 1, 0, O_INFL}, {"window", 1, 0, O_WINDOW}, {"recv-max", 1, 0, O_RECVMAX}, {"max-time", 1, 0, O_MAXT},
    {"host", 1, 0, O_HOST}, {"sub-host", 1, 0, O_SUBHOST}, {"sub-port", 1, 0, O_SUBPORT}, {"topic", 1, 0, O_TOPIC},
    {"filter", 1, 0, O_FILTER}, {"id", 1, 0, O_ID}, {"broker-pid", 1, 0, O_PID}, {"file", 1, 0, O_FILE}, {"verify", 1, 0, O_VERIFY},
    {"state", 1, 0, O_STATE}, {"series", 1, 0, O_SERIES}, {"subscribe-only", 0, 0, O_SUBONLY}, {"reconnect", 0, 0, O_RECON},
    {"one-topic", 0, 0, O_ONE}, {"batch", 1, 0, O_BATCH}, {"idle-exit-ms", 1, 0, O_IDLE}, {"clean", 1, 0, O_CLEAN},
    {"expiry", 1, 0, O_EXPIRY}, {"conns", 1, 0, O_CONNS}, {"hold", 1, 0, O_HOLD}, {"keepalive", 1, 0, O_KEEPALIVE},
    {"user", 1, 0, O_USER}, {"pass", 1, 0, O_PASS}, {"expect", 1, 0, O_EXPECT}, {"keep-file", 0, 0, O_KEEP}, {0, 0, 0, 0}};

static void usage(void) {
    fputs("usage: mqload bench|source|sink|idle|startup|wait|force [options]\n"
          "  common : --host 127.0.0.1 -p PORT --proto 4|5 --id PREFIX --keepalive S --user U --pass P --broker-pid PID --max-time S\n"
          "  bench  : --pubs N --subs M --qos Q --sub-qos Q --size B --count TOTAL --warmup TOTAL --rate MSG/S (0: flat out)\n"
          "           --window W (end-to-end messages outstanding, 0: none) --inflight N (per publisher) --recv-max N --one-topic\n"
          "           --topic PREFIX --filter F --sub-host H --sub-port P (subscribe at another broker: bridges)\n"
          "  source : --file ACKED --pubs N --qos Q --size B --count TOTAL --rate R --inflight N --reconnect --series FILE --clean 0|1\n"
          "  sink   : --id CLIENT --filter F --sub-qos Q --verify ACKED --state FILE --pubs N --count TOTAL --expect UNIQUE\n"
          "           --idle-exit-ms MS --subscribe-only --clean 0|1 --expiry S --recv-max N --series FILE\n"
          "  idle   : --conns N --hold S [--filter PREFIX]\n"
          "  startup: --file LOG -- command args...   (leaves the broker running, prints its pid)\n"
          "  force  : --file NEW --size B --count N   (writes and forces, without a broker)\n", stderr);
    exit(2);
}
int main(int argc, char **argv) {
    if (argc < 2) usage();
    const char *mode = argv[1];
    struct rlimit rl;
    getrlimit(RLIMIT_NOFILE, &rl);
    rl.rlim_cur = rl.rlim_max;
    setrlimit(RLIMIT_NOFILE, &rl);
    prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, on_sig);
    signal(SIGINT, on_sig);
    optind = 2;
    double expect = 0, hold = -1;
    int ch;
    while ((ch = getopt_long(argc, argv, "+p:", lopts, NULL)) != -1) switch (ch) {
        case 'p': o.port = atoi(optarg); break;
        case O_PROTO: o.proto = atoi(optarg); break;
        case O_PUBS: o.pubs = atoi(optarg); break;
        case O_SUBS: o.subs = atoi(optarg); break;
        case O_QOS: o.qos = atoi(optarg); break;
        case O_SUBQOS: o.sub_qos = atoi(optarg); break;
        case O_SIZE: o.size = atoi(optarg); break;
        case O_COUNT: o.count = strtoull(optarg, 0, 10); break;
        case O_WARM: o.warmup = strtoull(optarg, 0, 10); break;
        case O_RATE: o.rate = atof(optarg); break;
        case O_INFL: o.inflight = atoi(optarg); break;
        case O_WINDOW: o.window = atoi(optarg); break;
        case O_RECVMAX: o.recv_max = atoi(optarg); break;
        case O_MAXT: o.max_time = atof(optarg); break;
        case O_HOST: o.host = optarg; break;
        case O_SUBHOST: o.sub_host = optarg; break;
        case O_SUBPORT: o.sub_port = atoi(optarg); break;
        case O_TOPIC: o.topic = optarg; break;
        case O_FILTER: o.filter = optarg; break;
        case O_ID: o.id = optarg; break;
        case O_PID: o.broker_pid = atoi(optarg); break;
        case O_FILE: o.file = optarg; break;
        case O_VERIFY: o.verify = optarg; break;
        case O_STATE: o.state = optarg; break;
        case O_SERIES: o.series = optarg; break;
        case O_SUBONLY: o.sub_only = 1; break;
        case O_RECON: o.reconnect = 1; break;
        case O_ONE: o.one_topic = 1; break;
        case O_BATCH: o.batch = atoi(optarg); break;
        case O_IDLE: o.idle_exit_ms = atoi(optarg); break;
        case O_CLEAN: o.clean = atoi(optarg); break;
        case O_EXPIRY: o.expiry = strtoull(optarg, 0, 10); break;
        case O_CONNS: o.conns = atoi(optarg); break;
        case O_HOLD: hold = atof(optarg); break;
        case O_KEEPALIVE: o.keepalive = atoi(optarg); break;
        case O_USER: o.user = optarg; break;
        case O_PASS: o.pass = optarg; break;
        case O_EXPECT: expect = atof(optarg); break;
        case O_KEEP: o.keep = 1; break;
        default: usage();
    }
    if (o.size < HDR) o.size = HDR;
    if (o.max_time > 3600) die("--max-time is at most 3600 s");
    if (!strcmp(mode, "bench")) return bench();
    if (!strcmp(mode, "source")) return source();
    if (!strcmp(mode, "sink")) { o.hold = expect; return sink(); }
    if (hold >= 0) o.hold = hold;
    if (!strcmp(mode, "idle")) return idle_mode();
    if (!strcmp(mode, "force")) return force_mode();
    if (!strcmp(mode, "wait")) return wait_mode(0, now_ns());
    if (!strcmp(mode, "startup")) return startup_mode(argv + optind);
    usage();
}
