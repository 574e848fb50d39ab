package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationMarkTest {

    @TempDir
    Path directory;

    /** Says of itself what it is told to. */
    private record Speaking(String text) implements Responder {

        @Override
        public String challengeType() {
            return "dns-01";
        }

        @Override
        public Presentation present(Challenge challenge) {
            throw new IllegalStateException("nothing is issued here");
        }

        @Override
        public void cleanUp(Presentation presentation) {
            throw new IllegalStateException("nothing is issued here");
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private String mark(String responder) {
        return ConfigurationMark.of(
                AutoTls.at(directory).responder(new Speaking(responder)).settings(), List.of());
    }

    @Test
    void responderThatNamesAnotherServer_isAChange() {
        assertThat(mark("dns-01 by 192.0.2.1")).isNotEqualTo(mark("dns-01 by 192.0.2.2"));
    }

    /** D9: what a lambda says of itself differs in each process. */
    @Test
    void D9_responderWithoutAText_isNoChangeAtEachStart() {
        Runnable one = () -> {};
        Runnable other = () -> {};
        assertThat(one.toString()).isNotEqualTo(other.toString());
        assertThat(mark("dns-01 by " + one)).isEqualTo(mark("dns-01 by " + other));
    }
}
