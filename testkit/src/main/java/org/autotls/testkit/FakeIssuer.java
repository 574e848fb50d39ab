package org.autotls.testkit;

import java.security.KeyPair;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.autotls.CertificateBundle;
import org.autotls.Identifier;
import org.autotls.IssueException;
import org.autotls.IssueRequest;
import org.autotls.IssuedCertificate;
import org.autotls.Issuer;
import org.autotls.RenewalInformation;
import org.autotls.Subject;

/**
 * An {@link Issuer} that does what a test tells it: issues at once, fails, or hangs until released. Counts what it is
 * asked.
 *
 * <p><b>Threads.</b> Safe for many threads.
 */
public final class FakeIssuer implements Issuer {

    /** How a request is answered. */
    public sealed interface Answer {

        /** With a certificate. */
        record Success() implements Answer {}

        /**
         * With a failure.
         *
         * @param exception what the stage fails with
         */
        record Failure(Throwable exception) implements Answer {}

        /** Not at all, until {@link FakeIssuer#release}. */
        record Hang() implements Answer {}

        /**
         * Answers with a certificate.
         *
         * @return the answer
         */
        static Answer success() {
            return new Success();
        }

        /**
         * Answers with a failure.
         *
         * @param exception what the stage fails with
         * @return the answer
         */
        static Answer failure(Throwable exception) {
            return new Failure(exception);
        }
    }

    private record Waiting(IssueRequest request, CompletableFuture<CertificateBundle> result) {}

    private final Function<IssueRequest, CertificateBundle> signer;

    // All guarded by this.
    private final List<Subject> asked = new ArrayList<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private Function<Subject, Answer> script = subject -> Answer.success();
    private int orders;
    private int mostInFlight;
    private final List<Optional<IssuedCertificate>> predecessors = new ArrayList<>();
    private final List<IssuedCertificate> inquiries = new ArrayList<>();
    private Optional<Function<IssuedCertificate, CompletionStage<Optional<RenewalInformation>>>> suggestions =
            Optional.empty();

    /**
     * Makes an issuer that signs with a test CA.
     *
     * @param ca who signs
     * @param clock when each certificate begins
     * @param lifetime how long it lasts
     */
    public FakeIssuer(TestCa ca, InstantSource clock, Duration lifetime) {
        this(request -> sign(ca, clock, lifetime, request));
    }

    /**
     * Makes an issuer that gives out what a function makes.
     *
     * @param signer called once for each request that succeeds
     */
    public FakeIssuer(Function<IssueRequest, CertificateBundle> signer) {
        this.signer = signer;
    }

    @Override
    public String issuerKey() {
        return "fake";
    }

    @Override
    public CompletionStage<CertificateBundle> issue(IssueRequest request) {
        boolean resumed = request.journal().load().isPresent();
        request.journal().save("order for " + request.subject());
        Waiting order = new Waiting(request, new CompletableFuture<>());
        Answer answer;
        synchronized (this) {
            asked.add(request.subject());
            predecessors.add(request.predecessor());
            orders += resumed ? 0 : 1;
            waiting.add(order);
            mostInFlight = Math.max(mostInFlight, waiting.size());
            answer = script.apply(request.subject());
        }
        if (!(answer instanceof Answer.Hang)) {
            finish(order, answer);
        }
        return order.result();
    }

    @Override
    public CompletionStage<Optional<RenewalInformation>> renewalInformation(IssuedCertificate certificate) {
        Function<IssuedCertificate, CompletionStage<Optional<RenewalInformation>>> answers;
        synchronized (this) {
            inquiries.add(certificate);
            answers = suggestions.orElse(unasked -> CompletableFuture.completedStage(Optional.empty()));
        }
        return answers.apply(certificate);
    }

    /**
     * Has renewal information from now on (RFC 9773), and says so in what it issues; by default it has none.
     *
     * @param answers asked once for each inquiry; may answer later, or never
     */
    public synchronized void suggest(
            Function<IssuedCertificate, CompletionStage<Optional<RenewalInformation>>> answers) {
        suggestions = Optional.of(answers);
    }

    /**
     * Returns which certificates it was asked about.
     *
     * @return one element per inquiry, in order; a copy
     */
    public synchronized List<IssuedCertificate> inquiries() {
        return List.copyOf(inquiries);
    }

    /**
     * Returns what requests said they replace.
     *
     * @return one element per request, in order; a copy
     */
    public synchronized List<Optional<IssuedCertificate>> predecessors() {
        return List.copyOf(predecessors);
    }

    /**
     * Answers from now on as a function of the subject says.
     *
     * @param answers asked once for each request
     */
    public synchronized void answer(Function<Subject, Answer> answers) {
        script = answers;
    }

    /** Lets every request succeed at once from now on; those that hang go on hanging. */
    public void succeed() {
        answer(subject -> Answer.success());
    }

    /**
     * Lets every request fail at once from now on.
     *
     * @param kind what callers do next
     */
    public void fail(IssueException.Kind kind) {
        answer(subject -> Answer.failure(new IssueException(kind, "told to fail")));
    }

    /** Lets every request hang from now on, until {@link #release}. */
    public void hang() {
        answer(subject -> new Answer.Hang());
    }

    /**
     * Ends what hangs, and answers all later requests at once, in the same way.
     *
     * @param answer how
     */
    public void release(Answer answer) {
        answer(subject -> answer);
        List<Waiting> released;
        synchronized (this) {
            released = List.copyOf(waiting);
        }
        released.forEach(order -> finish(order, answer));
    }

    /**
     * Returns who was asked for.
     *
     * @return one element per request, in order; a copy
     */
    public synchronized List<Subject> asked() {
        return List.copyOf(asked);
    }

    /**
     * Returns how many requests there were.
     *
     * @return zero or more
     */
    public synchronized int calls() {
        return asked.size();
    }

    /**
     * Returns how many requests found no journal to resume from: a real CA would have seen so many new orders.
     *
     * @return at most {@link #calls}
     */
    public synchronized int orders() {
        return orders;
    }

    /**
     * Returns how many requests there were at one time.
     *
     * @return the highest number of requests that were unanswered together
     */
    public synchronized int mostInFlight() {
        return mostInFlight;
    }

    /**
     * Returns how many requests hang.
     *
     * @return zero or more
     */
    public synchronized int inFlight() {
        return waiting.size();
    }

    private void finish(Waiting order, Answer answer) {
        synchronized (this) {
            waiting.remove(order);
        }
        if (answer instanceof Answer.Failure failure) {
            order.result().completeExceptionally(failure.exception());
        } else {
            CertificateBundle bundle = signer.apply(order.request());
            order.result().complete(hasSuggestions() ? bundle.withOrigin(issuerKey()) : bundle);
        }
    }

    private synchronized boolean hasSuggestions() {
        return suggestions.isPresent();
    }

    private static CertificateBundle sign(TestCa ca, InstantSource clock, Duration lifetime, IssueRequest request) {
        KeyPair keys = request.keys().get();
        String[] names =
                request.subject().identifiers().stream().map(Identifier::value).toArray(String[]::new);
        return CertificateBundle.of(
                keys.getPrivate(), List.of(ca.certify(keys.getPublic(), clock.instant(), lifetime, names), ca.root()));
    }
}
