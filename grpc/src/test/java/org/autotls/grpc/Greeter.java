package org.autotls.grpc;

import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** A service of one method, whose messages are text as it is: no compiler of protocol buffers needed. */
final class Greeter {

    static final MethodDescriptor<String, String> GREET = MethodDescriptor.newBuilder(new Text(), new Text())
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("autotls.Greeter/Greet")
            .build();

    private Greeter() {}

    static ServerServiceDefinition service() {
        return ServerServiceDefinition.builder("autotls.Greeter")
                .addMethod(GREET, ServerCalls.asyncUnaryCall((name, answer) -> {
                    answer.onNext("Hello " + name + " from gRPC");
                    answer.onCompleted();
                }))
                .build();
    }

    private static final class Text implements MethodDescriptor.Marshaller<String> {

        @Override
        public InputStream stream(String text) {
            return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String parse(InputStream in) {
            try {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
