/*
 * Recorder pool: slots that are taken and given back (see recorder-pool.h).
 */
#include "recorder-pool.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>

/* A thread that writes a record needs some microseconds, unless something keeps it. */
#define SPINS 64u

/* -EDEADLK when a signal interrupted this very thread in there. */
static int try_enter(struct qk_recorder_side *side)
{
	pthread_t nobody = 0;

	if (atomic_compare_exchange_strong(&side->busy, &nobody, pthread_self()))
		return 0;
	return nobody == pthread_self() ? -EDEADLK : -EBUSY;
}

bool qk_recorder_side_enter(struct qk_recorder_side *side)
{
	for (unsigned int i = 0; i < SPINS; i++) {
		int r = try_enter(side);
		if (r != -EBUSY)
			return r == 0;
		sched_yield();
	}
	return false;
}

void qk_recorder_side_leave(struct qk_recorder_side *side)
{
	atomic_store_explicit(&side->busy, 0, memory_order_release);
}

static bool take(struct qk_recorder_connection *connection)
{
	uint32_t unused = 0;

	if (!atomic_compare_exchange_strong(&connection->users, &unused, 1))
		return false;
	/* Somebody who is late may still be putting together a frame of the one before. */
	if (try_enter(&connection->sides[0]) == 0) {
		if (try_enter(&connection->sides[1]) == 0)
			return true;
		qk_recorder_side_leave(&connection->sides[0]);
	}
	atomic_store(&connection->users, 0);
	return false;
}

static struct qk_recorder_connection *make(struct qk_recorder_pool *pool)
{
	struct qk_recorder_connection *connection =
		mmap(NULL, sizeof(*connection), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		     -1, 0);

	if (connection == MAP_FAILED)
		return NULL;
	take(connection);
	for (uint32_t i = atomic_load(&pool->count); i < QK_POOL_MAX; i++) {
		struct qk_recorder_connection *none = NULL;
		if (!atomic_compare_exchange_strong(&pool->slots[i], &none, connection))
			continue;
		atomic_fetch_add(&pool->count, 1);
		return connection;
	}
	munmap(connection, sizeof(*connection));
	return NULL;
}

static struct qk_recorder_connection *find(struct qk_recorder_pool *pool)
{
	uint32_t count = atomic_load(&pool->count);

	for (uint32_t i = 0; i < count; i++) {
		struct qk_recorder_connection *connection = atomic_load(&pool->slots[i]);
		if (connection && take(connection))
			return connection;
	}
	return make(pool);
}

struct qk_recorder_connection *qk_recorder_pool_new(struct qk_recorder_pool *pool,
						    enum qk_link_transport transport,
						    const char *device)
{
	struct qk_recorder_connection *connection = find(pool);

	if (!connection)
		return NULL;
	connection->transport = transport;
	connection->number = atomic_fetch_add(&pool->numbers, 1) + 1;
	atomic_store(&connection->perhaps, false);
	atomic_store(&connection->modem_end, false);
	atomic_store(&connection->service, QK_LINK_SERVICE_UNKNOWN);
	atomic_store(&connection->node, 0);
	atomic_store(&connection->port, 0);
	size_t size = strnlen(device, QK_LINK_DEVICE_MAX);
	memcpy(connection->device, device, size);
	connection->device[size] = '\0';
	for (unsigned int i = 0; i < 2; i++) {
		connection->sides[i].used = 0;
		connection->sides[i].greeting = 0;
		qk_recorder_side_leave(&connection->sides[i]);
	}
	return connection;
}

void qk_recorder_pool_forked(struct qk_recorder_pool *pool)
{
	uint32_t count = atomic_load(&pool->count);

	for (uint32_t i = 0; i < count; i++) {
		struct qk_recorder_connection *connection = atomic_load(&pool->slots[i]);
		if (!connection)
			continue;
		qk_recorder_side_leave(&connection->sides[0]);
		qk_recorder_side_leave(&connection->sides[1]);
	}
}
