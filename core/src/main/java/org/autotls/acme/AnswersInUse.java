package org.autotls.acme;

import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.autotls.Identifier;
import org.autotls.acme.Progress.Published;

/**
 * Which issuances need which answers. A CA may put one pending authorization into several orders of an account (RFC 8555
 * §7.1.3): two subjects that share a name then have the same challenge, the same token and the same answer, and the
 * first to end must not take it from the other.
 *
 * <p>An answer that is being undone cannot be taken up: whoever needs it waits until it is gone, and makes it anew.
 *
 * <p>Not guaranteed: another process with this account, which has such an order, too, is not seen; it fails if its answer is
 * taken away before the CA has looked, and tries again.
 *
 * <p><b>Threads.</b> Safe for many threads; nothing is done under the lock.
 */
final class AnswersInUse {

    private record Answer(String type, Identifier identifier, String token) {

        static Answer of(Published published) {
            return new Answer(published.type(), published.identifier(), published.token());
        }
    }

    // Both guarded by this.
    private final Map<Answer, Set<Issuance>> users = new HashMap<>();
    private final Map<Answer, CompletableFuture<Void>> ending = new HashMap<>();

    /**
     * Takes an answer up, before it is presented.
     *
     * @return completes when it may be presented: at once, unless it is being undone
     */
    synchronized CompletableFuture<Void> take(Published published, Issuance user) {
        Answer answer = Answer.of(published);
        users.computeIfAbsent(answer, first -> Collections.newSetFromMap(new IdentityHashMap<>()))
                .add(user);
        return ending.getOrDefault(answer, CompletableFuture.completedFuture(null));
    }

    /** Gives an answer up that was never made; it may not be one of those taken. */
    synchronized void drop(Published published, Issuance user) {
        isLast(Answer.of(published), user);
    }

    /**
     * Gives an answer up, to undo it.
     *
     * @return whether the caller is to undo it, and then to call {@link #undone}; false if another issuance needs it
     */
    synchronized boolean release(Published published, Issuance user) {
        Answer answer = Answer.of(published);
        boolean last = isLast(answer, user);
        if (last) {
            ending.putIfAbsent(answer, new CompletableFuture<>());
        }
        return last;
    }

    /** Undoing has ended, well or not. */
    void undone(Published published) {
        CompletableFuture<Void> ended;
        synchronized (this) {
            ended = ending.remove(Answer.of(published));
        }
        if (ended != null) {
            ended.complete(null);
        }
    }

    private boolean isLast(Answer answer, Issuance user) {
        Set<Issuance> all = users.getOrDefault(answer, Set.of());
        if (!all.isEmpty()) {
            all.remove(user);
        }
        if (all.isEmpty()) {
            users.remove(answer);
        }
        return all.isEmpty();
    }
}
