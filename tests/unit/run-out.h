/*
 * Run out: memory that ends at every allocation in turn.
 *
 * Owns: how many allocations still work, and how many live. Does not know: what allocates.
 * Lifetime: the process's. Called from: tests that are linked with wrapped_malloc.
 */
#pragma once

/* Runs `scenario` with 0, 1, 2 ... allocations that work, until none fails; each time all that it
 * took must be free again. */
void run_out_everywhere(void (*scenario)(void));
