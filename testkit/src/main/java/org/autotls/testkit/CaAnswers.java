package org.autotls.testkit;

import java.util.List;
import java.util.stream.Stream;

/**
 * The catalogue of what a hostile or broken CA answers: a client should meet each of them at each kind of request, fail in
 * bounded time with a message that can be printed, and go on with the next good answer.
 *
 * <pre>{@code
 * for (CaAnswer answer : CaAnswers.all()) {
 *     ca.always(FakeCa.Kind.NEW_ORDER, answer.fault());
 *     ...
 *     ca.heal();
 * }
 * }</pre>
 *
 * <p>Stateless.
 */
public final class CaAnswers {

    private CaAnswers() {}

    /**
     * Returns the whole catalogue.
     *
     * @return each answer once; unmodifiable
     */
    public static List<CaAnswer> all() {
        return Stream.of(
                        TransportAnswers.all(),
                        StatusAnswers.all(),
                        LimitAnswers.all(),
                        BodyAnswers.all(),
                        HeaderAnswers.all(),
                        ProblemAnswers.all(),
                        UntrueAnswers.all())
                .flatMap(List::stream)
                .toList();
    }

    /**
     * Finds one answer.
     *
     * @param name as in {@link CaAnswer#name}
     * @return that answer
     * @throws IllegalArgumentException if the catalogue has no such name
     */
    public static CaAnswer named(String name) {
        return all().stream()
                .filter(answer -> answer.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no answer is called " + name));
    }
}
