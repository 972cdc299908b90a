/*
 * Broker: many peers on a few modems. Frames of a peer go to its modem, answers come back to who
 * asked, indications go to who holds the id. A peer is told apart by its connection alone.
 *
 * Owns: the modems (their transports too), the peers, the leases.
 * Does not know: sockets, epoll, files, who may connect; its host does these (struct broker_host).
 * Lifetime: broker_init() to broker_done(), embedded. A peer that is dead stays until broker_reap().
 * Called from: the server, and the tests, by one thread.
 *
 * Only headers are read of what passes, but for CTL, and for the few messages of WDS that begin and
 * end a data call.
 */
#pragma once

#include <sys/types.h>
#include <qmikit/transport.h>

#include "ctl-map.h"
#include "lease.h"

enum {
	BROKER_INPUT_MAX = QK_FRAME_MAX,     /* of a peer: one frame that is not whole yet */
	BROKER_HALVES_MAX = 8 * 1024 * 1024, /* of all peers together */
	BROKER_MODEMS_MAX = 64,
	BROKER_WHY_MAX = 160,
};

#define BROKER_GRACE_USEC ((uint64_t)60000000)

struct broker;
struct peer_line;

/* One connection. What is not set when it is made is the broker's. */
struct peer {
	struct peer *next, *previous;
	struct broker *broker;
	struct modem *modem;       /* after it was opened */
	struct peer *next_waiting; /* in the line that it stands in */
	struct peer_line *line;    /* NULL: it need not wait */
	struct lease_list leases;
	char *name;    /* of its leases; or NULL */
	uint8_t *half; /* a frame that is not whole yet, or waits for room */
	size_t half_size;
	uint64_t number, since_usec, requests;
	uint64_t told; /* the last broadcast that it got */
	bool dead;
	pid_t pid;
	uid_t uid;
	char process[16];
	void *link; /* the host's */
};

/* Peers that wait, the first to come first. */
struct peer_line {
	struct peer *first, *last;
};

struct modem {
	struct modem *next;
	struct broker *broker;
	struct qk_transport *transport; /* NULL: it is gone */
	struct lease_table leases;
	struct ctl_map ctl;
	struct peer_line waiting; /* for room in the modem's queue */
	struct peer_line starved; /* for an id of CTL; nobody waits behind them */
	size_t peers;
	uint64_t since_usec, due_usec, to_modem, from_modem, broadcasts;
	uint16_t question; /* the last transaction id of the broker's own requests */
	char *path, *identity;
	bool closing, letting_in;
	void *link; /* the host's */
};

enum broker_level { BROKER_DEBUG, BROKER_NOTE };

struct broker_host {
	/* Checks that `path` is a modem which this peer may use. 0, the path by which all of its
	 * users name it and what tells it from one that stands there later (both malloc'd); else a
	 * negative errno and a sentence. */
	int (*find)(void *userdata, const char *path, const struct peer *peer, char **ret_path,
		    char **ret_identity, char why[BROKER_WHY_MAX]);
	/* Opens what find() found, and watches it. */
	int (*open)(void *userdata, struct modem *modem, char why[BROKER_WHY_MAX]);
	void (*close)(void *userdata, struct modem *modem); /* before the transport is freed */
	/* Sends a whole frame to a peer; calls peer_drop() where it cannot. */
	void (*send)(void *userdata, struct peer *peer, struct qk_span frame);
	/* Whether to read what the peer sends. */
	void (*read)(void *userdata, struct peer *peer, bool on);
	void (*log)(void *userdata, enum broker_level level, const char *line);
	void *userdata;
};

struct broker_counters {
	uint64_t connections, refused, dropped, bad_frames;
	uint64_t to_modems, from_modems, stray; /* frames; stray: an answer to nobody */
	uint64_t allocated, released, orphaned, adopted, reclaimed, resumed;
};

struct broker {
	struct broker_host host;
	struct broker_counters counters;
	struct modem *modems, *gone;
	struct peer *peers, *dead;
	size_t peer_count, modem_count, halves;
	uint64_t now_usec, start_usec;
	uint64_t grace_usec; /* how long an orphan waits */
	uint64_t due_usec;   /* when broker_due() has something to do; UINT64_MAX: never */
	uint64_t numbers;    /* of peers */
};

void broker_init(struct broker *broker, const struct broker_host *host, uint64_t now_usec);
void broker_done(struct broker *broker);

/* A new connection; `take_link` is for the host. -ENOMEM. */
QK_MUST_CHECK int broker_add_peer(struct broker *broker, void *take_link, pid_t pid, uid_t uid,
				  const char *process, struct peer **ret);
/* What a peer sent. It may be dead afterwards. */
void peer_input(struct peer *peer, struct qk_span bytes);
/* The connection is gone, or is to end: `why` is logged (NULL: the peer hung up by itself). Its ids
 * are orphans. */
void peer_drop(struct peer *peer, const char *why);

/* The modem's descriptor is ready: reads once, relays all, sends what waits. */
void modem_ready(struct modem *modem, bool readable, bool writable);

/* Does what is due: orphans whose time is over, requests that got no answer. */
void broker_due(struct broker *broker);
/* The next dead peer, taken out, for the host to free its link and then peer_free(); or NULL. Modems
 * that are gone go with them. */
struct peer *broker_reap(struct broker *broker);
void peer_free(struct peer *peer);

/* Whether nothing would be lost by leaving: no peers, and no orphans but those with a call. */
bool broker_is_idle(const struct broker *broker);

/* Makes a lease that a broker before this one had; the modem is opened unless it is. A lease whose
 * modem is not there, or is another now, is forgotten: -ENODEV. */
QK_MUST_CHECK int broker_restore(struct broker *broker, const char *path, const char *identity,
				 const struct lease *lease);
