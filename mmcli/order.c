/*
 * Order: GLib's open hashing, of the keys' places alone. Facts of glib/ghash.c (2.74): sizes are powers of two from 8,
 * a hash is multiplied by 11 and taken modulo a prime below the size, each further probe goes one step farther than
 * the one before, and a table is made anew, for 1.333 times its keys, when a sixteenth of the keys is all that is free.
 */
#include "mmcli/order.h"

#include <stdbool.h>
#include <string.h>

/* 192 keys need 256 places. */
#define PLACES 512
#define FREE SIZE_MAX

struct table {
	const uint32_t *hashes;
	size_t place[PLACES]; /* the index of a key, or FREE */
	size_t size, prime, count;
};

uint32_t order_hash(const char *text)
{
	uint32_t hash = 5381;

	for (const signed char *c = (const signed char *)text; *c; c++)
		hash = hash * 33 + (uint32_t)*c;
	return hash;
}

static void set_size(struct table *table, size_t wanted)
{
	static const size_t primes[] = { 7, 13, 31, 61, 127, 251, 509 };
	size_t at = 0;

	for (table->size = 8; table->size <= wanted; table->size *= 2)
		at++;
	table->prime = primes[at];
}

static size_t home(const struct table *table, size_t key)
{
	uint32_t hash = table->hashes[key];

	/* Two values are marks of the table itself. */
	return (uint32_t)((hash < 2 ? 2 : hash) * 11U) % table->prime;
}

/* Moves a key to its place in the bigger table, and whom it finds there on to theirs. */
static void settle(struct table *table, size_t key, bool settled[PLACES])
{
	while (key != FREE) {
		size_t at = home(table, key), step = 0, other;

		while (settled[at])
			at = (at + ++step) & (table->size - 1);
		settled[at] = true;
		other = table->place[at];
		table->place[at] = key;
		key = other;
	}
}

static void grow(struct table *table)
{
	size_t old = table->size;
	bool settled[PLACES] = { false };

	set_size(table, table->count * 1333 / 1000);
	for (size_t i = 0; i < old; i++) {
		size_t key = table->place[i];

		if (key == FREE || settled[i])
			continue;
		table->place[i] = FREE;
		settle(table, key, settled);
	}
}

static void insert(struct table *table, size_t key)
{
	size_t at = home(table, key), step = 0;

	while (table->place[at] != FREE)
		at = (at + ++step) & (table->size - 1);
	table->place[at] = key;
	table->count++;
	if (table->size <= table->count + table->count / 16)
		grow(table);
}

void order_walk(const uint32_t *hashes, size_t count, size_t *ret_indices)
{
	struct table table = { .hashes = hashes };
	size_t found = 0;

	for (size_t i = 0; count > ORDER_MAX && i < count; i++)
		ret_indices[i] = i;
	if (count > ORDER_MAX)
		return;
	for (size_t i = 0; i < PLACES; i++)
		table.place[i] = FREE;
	set_size(&table, 0);
	for (size_t i = 0; i < count; i++)
		insert(&table, i);
	for (size_t i = 0; i < table.size; i++)
		if (table.place[i] != FREE)
			ret_indices[found++] = table.place[i];
}
