package org.autotls.internal;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The thread pools that one object makes for itself. They end together, within one limit, however many they are. Their threads
 * are daemons.
 *
 * <p><b>Threads.</b> Safe for many threads.
 */
public final class OwnPools {

    private static final long IDLE_SECONDS = 10;

    private final List<ExecutorService> pools = new CopyOnWriteArrayList<>();

    /** A permit for each pool that has ended. */
    private final Semaphore ended = new Semaphore(0);

    /** Makes an owner without pools. */
    public OwnPools() {}

    /**
     * Makes a pool that starts a thread for whatever finds none idle: for work that is bounded elsewhere.
     *
     * @param name begins the name of each thread
     * @return the pool
     */
    public ExecutorService unbounded(String name) {
        return add(new Pool(name, 0, Integer.MAX_VALUE, new SynchronousQueue<>()));
    }

    /**
     * Makes a pool that does one thing after the other.
     *
     * @param name begins the name of its thread
     * @return the pool
     */
    public ExecutorService single(String name) {
        return add(new Pool(name, 1, 1, new LinkedBlockingQueue<>()));
    }

    /**
     * Ends all of them: nothing new begins, what is under way gets some time, is then interrupted, and gets some more.
     *
     * @param patience before what is under way is interrupted; none is the least
     * @param afterwards how long to wait for it then
     * @return whether all threads have ended; if not, they go on alone. Also false if this thread was interrupted, which it
     *     is then again
     */
    public boolean end(Duration patience, Duration afterwards) {
        try {
            pools.forEach(ExecutorService::shutdown);
            if (awaitAll(patience)) {
                return true;
            }
            pools.forEach(ExecutorService::shutdownNow);
            return awaitAll(afterwards);
        } catch (InterruptedException e) {
            pools.forEach(ExecutorService::shutdownNow);
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private boolean awaitAll(Duration limit) throws InterruptedException {
        int all = pools.size();
        boolean done = ended.tryAcquire(all, limit.toMillis(), TimeUnit.MILLISECONDS);
        if (done) {
            ended.release(all); // for whoever ends them again
        }
        return done;
    }

    private ExecutorService add(ExecutorService pool) {
        pools.add(pool);
        return pool;
    }

    private final class Pool extends ThreadPoolExecutor {

        Pool(String name, int core, int most, BlockingQueue<Runnable> queue) {
            super(core, most, IDLE_SECONDS, TimeUnit.SECONDS, queue);
            AtomicLong number = new AtomicLong();
            setThreadFactory(task -> {
                Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
                thread.setDaemon(true);
                return thread;
            });
        }

        @Override
        protected void terminated() {
            super.terminated();
            ended.release();
        }
    }
}
