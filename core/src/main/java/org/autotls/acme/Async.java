package org.autotls.acme;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Two things that {@link CompletableFuture} lacks. Stateless. */
final class Async {

    private Async() {}

    /** What really went wrong. */
    static Throwable unwrap(Throwable thrown) {
        Throwable inner = thrown;
        while ((inner instanceof CompletionException || inner instanceof ExecutionException)
                && inner.getCause() != null) {
            inner = inner.getCause();
        }
        return inner;
    }

    /**
     * Works on all items, a bounded number at a time, and stops starting new ones after the first failure.
     *
     * @param items what to work on
     * @param lanes how many at a time
     * @param work one item's work
     * @return the results in the order of the items; fails as the first failure did, once nothing is under way
     */
    static <T, R> CompletableFuture<List<R>> inLanes(List<T> items, int lanes, Function<T, CompletableFuture<R>> work) {
        List<CompletableFuture<R>> results = new ArrayList<>();
        items.forEach(item -> results.add(new CompletableFuture<>()));
        AtomicInteger next = new AtomicInteger();
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        List<CompletableFuture<Void>> running = new ArrayList<>();
        for (int lane = 0; lane < Math.min(lanes, items.size()); lane++) {
            running.add(lane(items, results, next, failure, work));
        }
        return CompletableFuture.allOf(running.toArray(new CompletableFuture<?>[0]))
                .thenCompose(done -> {
                    Throwable first = failure.get();
                    return first != null
                            ? CompletableFuture.failedFuture(first)
                            : CompletableFuture.completedFuture(results.stream()
                                    .map(CompletableFuture::join)
                                    .toList());
                });
    }

    private static <T, R> CompletableFuture<Void> lane(
            List<T> items,
            List<CompletableFuture<R>> results,
            AtomicInteger next,
            AtomicReference<@Nullable Throwable> failure,
            Function<T, CompletableFuture<R>> work) {
        int index = next.getAndIncrement();
        if (index >= items.size() || failure.get() != null) {
            return CompletableFuture.completedFuture(null);
        }
        return CompletableFuture.completedFuture(items.get(index))
                .thenCompose(work)
                .handle((result, thrown) -> {
                    if (thrown == null) {
                        results.get(index).complete(result);
                    } else {
                        failure.compareAndSet(null, unwrap(thrown));
                    }
                    return results;
                })
                .thenCompose(done -> lane(items, results, next, failure, work));
    }
}
