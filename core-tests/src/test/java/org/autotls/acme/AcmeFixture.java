package org.autotls.acme;

import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.autotls.AccountKeyStore;
import org.autotls.CertificateBundle;
import org.autotls.Challenge;
import org.autotls.IssueException;
import org.autotls.IssueJournal;
import org.autotls.IssueRequest;
import org.autotls.KeyType;
import org.autotls.Presentation;
import org.autotls.Responder;
import org.autotls.Subject;
import org.autotls.store.MemoryStore;
import org.autotls.testkit.FakeCa;

/** A fake CA and what an issuer needs beside it. */
final class AcmeFixture implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    /** Notes what is presented and undone. */
    static final class RecordingResponder implements Responder {

        final ConcurrentLinkedQueue<Challenge> presented = new ConcurrentLinkedQueue<>();
        final ConcurrentLinkedQueue<String> answerable = new ConcurrentLinkedQueue<>();
        private final String type;

        RecordingResponder(String type) {
            this.type = type;
        }

        @Override
        public String challengeType() {
            return type;
        }

        @Override
        public Presentation present(Challenge challenge) {
            presented.add(challenge);
            answerable.remove(challenge.keyAuthorization());
            answerable.add(challenge.keyAuthorization());
            return new Presentation(type, challenge.identifier(), challenge.keyAuthorization());
        }

        @Override
        public void cleanUp(Presentation presentation) {
            answerable.remove(presentation.value());
        }
    }

    final FakeCa ca = FakeCa.start();
    final WallClock clock = new WallClock();
    final ExecutorService executor = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "test-worker");
        thread.setDaemon(true);
        return thread;
    });
    final AccountKeyStore accountKey = new MemoryStore(clock);
    final RecordingResponder responder = new RecordingResponder("http-01");

    AcmeIssuerBuilder builder() {
        return AcmeIssuer.builder(ca.directory(), accountKey, clock, executor)
                .trustedRoots(List.of(ca.root()))
                .timeout(TIMEOUT);
    }

    AcmeIssuer issuer() {
        return builder().responders(List.of(responder)).build();
    }

    /** A clock on which pauses take no time and deadlines come when they are told to. */
    JumpingClock jumpingClock() {
        return new JumpingClock(executor, TIMEOUT);
    }

    /** An issuer, and a CA, that go by this clock. */
    AcmeIssuer issuer(JumpingClock jumping) {
        ca.settings().clock(jumping);
        return AcmeIssuer.builder(ca.directory(), accountKey, jumping, executor)
                .trustedRoots(List.of(ca.root()))
                .responders(List.of(responder))
                .timeout(TIMEOUT)
                .build();
    }

    static IssueRequest request(IssueJournal journal, String... names) {
        return new IssueRequest(Subject.of(names), AcmeFixture::newKey, journal, () -> false);
    }

    static KeyPair newKey() {
        return KeyType.EC_P256.generate(new SecureRandom());
    }

    static CertificateBundle await(AcmeIssuer issuer, IssueRequest request) throws Exception {
        try {
            return issuer.issue(request).toCompletableFuture().get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    static IssueException failure(AcmeIssuer issuer, IssueRequest request) {
        try {
            CertificateBundle bundle = await(issuer, request);
            throw new AssertionError("expected a failure, not " + bundle);
        } catch (TimeoutException e) {
            throw new AssertionError("neither bundle nor failure", e);
        } catch (IssueException e) {
            return e;
        } catch (Exception e) {
            throw new AssertionError("expected an IssueException", e);
        }
    }

    @Override
    public void close() {
        ca.close();
        clock.close();
        executor.shutdownNow();
    }
}
