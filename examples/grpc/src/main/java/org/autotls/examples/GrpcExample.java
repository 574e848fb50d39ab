package org.autotls.examples;

import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Arrays;
import org.autotls.AutoTls;
import org.autotls.grpc.AutoTlsGrpc;

/** gRPC: {@code GrpcExample local:certs:tcp:8443 [NAME]...}. */
public final class GrpcExample {

    private GrpcExample() {}

    public static void main(String... arguments) throws Exception {
        String[] names = Arrays.copyOfRange(arguments, 1, arguments.length);
        AutoTls autoTls =
                AutoTls.endpoint(arguments[0]).names(names).agreeToTerms(true).open();
        var greet = MethodDescriptor.newBuilder(new Bytes(), new Bytes())
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName("autotls.Greeter/Greet")
                .build();
        var handler = ServerCalls.<InputStream, InputStream>asyncUnaryCall((request, answer) -> {
            answer.onNext(new ByteArrayInputStream("Hello from gRPC over HTTP/2\n".getBytes()));
            answer.onCompleted();
        });
        var service = ServerServiceDefinition.builder("autotls.Greeter").addMethod(greet, handler);
        AutoTlsGrpc.endpoint(autoTls).addService(service.build()).build().start().awaitTermination();
    }

    private record Bytes() implements MethodDescriptor.Marshaller<InputStream> {
        public InputStream stream(InputStream message) { return message; }
        public InputStream parse(InputStream message) { return message; }
    }
}
