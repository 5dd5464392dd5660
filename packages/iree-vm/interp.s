
/tmp/rt/vmrel/CMakeFiles/vm_core.dir/interpreter.cc.o:     file format elf64-x86-64


Disassembly of section .text:

0000000000000000 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt>:
       0:	push   %r15
       2:	mov    %rsi,%rdx
       5:	push   %r14
       7:	push   %r13
       9:	push   %r12
       b:	push   %rbp
       c:	push   %rbx
       d:	sub    $0x18,%rsp
      11:	movzwl 0x4(%rdx),%eax
      15:	mov    0x20(%rdi),%rsi
      19:	cmp    $0x1,%eax
      1c:	je     1b8 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt+0x1b8>
      22:	cmp    $0x2,%eax
      25:	je     170 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt+0x170>
      2b:	test   %eax,%eax
      2d:	je     190 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt+0x190>
      33:	mov    0x8(%rdi),%rcx
      37:	mov    0x50(%rcx),%ecx
      3a:	lea    (%rsi,%rcx,8),%r8
      3e:	xor    %ecx,%ecx
      40:	movzwl 0x6(%rdx,%rcx,4),%r9d
      46:	mov    (%rsi,%r9,8),%r9
      4a:	mov    %r9,(%r8,%rcx,8)
      4e:	add    $0x1,%rcx
      52:	cmp    %eax,%ecx
      54:	jb     40 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt+0x40>
      56:	xor    %ecx,%ecx
      58:	nopl   0x0(%rax,%rax,1)
      60:	movzwl 0x8(%rdx,%rcx,4),%r9d
      66:	mov    (%r8,%rcx,8),%r10
      6a:	add    $0x1,%rcx
      6e:	mov    %r10,(%rsi,%r9,8)
      72:	cmp    %eax,%ecx
      74:	jb     60 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt+0x60>
      76:	add    %eax,%eax
      78:	lea    0x6(%rdx,%rax,2),%r15
      7d:	movzwl (%r15),%eax
      81:	test   %eax,%eax
      83:	je     1a3 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt+0x1a3>
      89:	nopl   0x0(%rax)
      90:	mov    0x8(%rdi),%rdx
      94:	mov    0x28(%rdi),%r14
      98:	lea    -0x1(%rax),%ebp
      9b:	lea    0x2(%r15),%r13
      9f:	shl    $0x2,%rbp
      a3:	mov    0x54(%rdx),%ebx
      a6:	shl    $0x4,%rbx
      aa:	add    %r14,%rbx
      ad:	mov    %rbx,0x8(%rsp)
      b2:	mov    %rbx,%r12
      b5:	lea    0x6(%r15,%rbp,1),%rbx
      ba:	nopw   0x0(%rax,%rax,1)
      c0:	movzwl 0x0(%r13),%eax
      c5:	shl    $0x4,%rax
      c9:	add    %r14,%rax
      cc:	mov    (%rax),%rdx
      cf:	mov    0x8(%rax),%ecx
      d2:	test   %rdx,%rdx
      d5:	je     db <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt+0xdb>
      d7:	lock addl $0x1,(%rdx)
      db:	mov    (%r12),%rax
      df:	mov    %ecx,0x8(%r12)
      e4:	mov    %rdx,(%r12)
      e8:	test   %rax,%rax
      eb:	je     f9 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt+0xf9>
      ed:	lock subl $0x1,(%rax)
      f1:	jne    f9 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt+0xf9>
      f3:	mov    %rax,%rdi
      f6:	call   *0x8(%rax)
      f9:	add    $0x4,%r13
      fd:	add    $0x10,%r12
     101:	cmp    %r13,%rbx
     104:	jne    c0 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt+0xc0>
     106:	mov    0x8(%rsp),%rbx
     10b:	lea    0x4(%r15),%r12
     10f:	lea    0x8(%r15,%rbp,1),%rbp
     114:	add    $0x8,%rbx
     118:	nopl   0x0(%rax,%rax,1)
     120:	movzwl (%r12),%eax
     125:	mov    -0x8(%rbx),%rsi
     129:	movq   $0x0,-0x8(%rbx)
     131:	mov    (%rbx),%ecx
     133:	movl   $0x0,(%rbx)
     139:	shl    $0x4,%rax
     13d:	add    %r14,%rax
     140:	mov    (%rax),%rdx
     143:	mov    %ecx,0x8(%rax)
     146:	mov    %rsi,(%rax)
     149:	test   %rdx,%rdx
     14c:	je     15a <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt+0x15a>
     14e:	lock subl $0x1,(%rdx)
     152:	jne    15a <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt+0x15a>
     154:	mov    %rdx,%rdi
     157:	call   *0x8(%rdx)
     15a:	add    $0x4,%r12
     15e:	add    $0x10,%rbx
     162:	cmp    %rbp,%r12
     165:	jne    120 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt+0x120>
     167:	jmp    1a3 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt+0x1a3>
     169:	nopl   0x0(%rax)
     170:	movzwl 0x6(%rdx),%ecx
     174:	mov    (%rsi,%rcx,8),%r9
     178:	movzwl 0xa(%rdx),%ecx
     17c:	mov    (%rsi,%rcx,8),%r8
     180:	movzwl 0x8(%rdx),%ecx
     184:	mov    %r9,(%rsi,%rcx,8)
     188:	movzwl 0xc(%rdx),%ecx
     18c:	mov    %r8,(%rsi,%rcx,8)
     190:	add    %eax,%eax
     192:	lea    0x6(%rdx,%rax,2),%r15
     197:	movzwl (%r15),%eax
     19b:	test   %eax,%eax
     19d:	jne    90 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt+0x90>
     1a3:	add    $0x18,%rsp
     1a7:	pop    %rbx
     1a8:	pop    %rbp
     1a9:	pop    %r12
     1ab:	pop    %r13
     1ad:	pop    %r14
     1af:	pop    %r15
     1b1:	ret
     1b2:	nopw   0x0(%rax,%rax,1)
     1b8:	movzwl 0x6(%rdx),%r8d
     1bd:	movzwl 0x8(%rdx),%ecx
     1c1:	mov    (%rsi,%r8,8),%r8
     1c5:	mov    %r8,(%rsi,%rcx,8)
     1c9:	jmp    190 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt+0x190>
     1cb:	nopl   0x0(%rax,%rax,1)

00000000000001d0 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt>:
     1d0:	push   %r15
     1d2:	push   %r14
     1d4:	push   %r13
     1d6:	mov    %rsi,%r13
     1d9:	push   %r12
     1db:	push   %rbp
     1dc:	mov    %rdx,%rbp
     1df:	push   %rbx
     1e0:	sub    $0x38,%rsp
     1e4:	mov    0x8(%rsi),%rax
     1e8:	mov    (%rsi),%r15
     1eb:	mov    0x20(%rax),%rdx
     1ef:	mov    0x28(%rax),%rbx
     1f3:	lea    (%rbx,%rdx,1),%r14
     1f7:	test   %r15,%r15
     1fa:	je     298 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0xc8>
     200:	mov    0x18(%rsi),%r12
     204:	cmp    %r14,%rbx
     207:	jne    23f <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x6f>
     209:	add    $0x38,%rsp
     20d:	pop    %rbx
     20e:	pop    %rbp
     20f:	pop    %r12
     211:	pop    %r13
     213:	pop    %r14
     215:	pop    %r15
     217:	ret
     218:	nopl   0x0(%rax,%rax,1)
     220:	mov    0x20(%r13),%rsi
     224:	movzwl -0x2(%r12),%ecx
     22a:	mov    0x20(%r15),%rdx
     22e:	mov    (%rsi,%rax,8),%rax
     232:	mov    %rax,(%rdx,%rcx,8)
     236:	add    $0x1,%rbx
     23a:	cmp    %rbx,%r14
     23d:	je     209 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x39>
     23f:	movzwl 0x0(%rbp),%eax
     243:	add    $0x2,%r12
     247:	add    $0x2,%rbp
     24b:	cmpb   $0x72,(%rbx)
     24e:	jne    220 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x50>
     250:	shl    $0x4,%rax
     254:	add    0x28(%r13),%rax
     258:	mov    (%rax),%rdx
     25b:	mov    0x8(%rax),%esi
     25e:	test   %rdx,%rdx
     261:	je     267 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x97>
     263:	lock addl $0x1,(%rdx)
     267:	movzwl -0x2(%r12),%eax
     26d:	shl    $0x4,%rax
     271:	add    0x28(%r15),%rax
     275:	mov    (%rax),%rcx
     278:	mov    %esi,0x8(%rax)
     27b:	mov    %rdx,(%rax)
     27e:	test   %rcx,%rcx
     281:	je     236 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x66>
     283:	lock subl $0x1,(%rcx)
     287:	jne    236 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x66>
     289:	mov    %rcx,%rdi
     28c:	call   *0x8(%rcx)
     28f:	jmp    236 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x66>
     291:	nopl   0x0(%rax)
     298:	mov    %rdi,%r12
     29b:	test   %rdx,%rdx
     29e:	jne    2d9 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x109>
     2a0:	jmp    209 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x39>
     2a5:	nopl   (%rax)
     2a8:	mov    0x20(%r13),%rdx
     2ac:	lea    (%rdx,%rax,8),%rdx
     2b0:	mov    0x60(%r12),%rax
     2b5:	cmp    0x68(%r12),%rax
     2ba:	je     330 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x160>
     2bc:	mov    (%rdx),%rdx
     2bf:	add    $0x8,%rax
     2c3:	mov    %rdx,-0x8(%rax)
     2c7:	mov    %rax,0x60(%r12)
     2cc:	add    $0x1,%rbx
     2d0:	cmp    %rbx,%r14
     2d3:	je     209 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x39>
     2d9:	movzwl 0x0(%rbp),%eax
     2dd:	add    $0x2,%rbp
     2e1:	cmpb   $0x72,(%rbx)
     2e4:	jne    2a8 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0xd8>
     2e6:	shl    $0x4,%rax
     2ea:	add    0x28(%r13),%rax
     2ee:	mov    0x78(%r12),%rsi
     2f3:	mov    %rax,%rdx
     2f6:	cmp    0x80(%r12),%rsi
     2fe:	je     3b0 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x1e0>
     304:	mov    (%rax),%rax
     307:	mov    0x8(%rdx),%edx
     30a:	mov    %rax,(%rsi)
     30d:	mov    %edx,0x8(%rsi)
     310:	test   %rax,%rax
     313:	je     31e <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x14e>
     315:	lock addl $0x1,(%rax)
     319:	mov    0x78(%r12),%rsi
     31e:	lea    0x10(%rsi),%rax
     322:	mov    %rax,0x78(%r12)
     327:	jmp    2cc <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0xfc>
     329:	nopl   0x0(%rax)
     330:	mov    0x58(%r12),%r8
     335:	mov    %rax,%rsi
     338:	movabs $0xfffffffffffffff,%rdi
     342:	sub    %r8,%rsi
     345:	mov    %rsi,%rcx
     348:	sar    $0x3,%rcx
     34c:	cmp    %rdi,%rcx
     34f:	je     5ea <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x41a>
     355:	cmp    %r8,%rax
     358:	mov    $0x1,%eax
     35d:	cmovne %rcx,%rax
     361:	add    %rax,%rcx
     364:	jb     518 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x348>
     36a:	test   %rcx,%rcx
     36d:	jne    5c0 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x3f0>
     373:	mov    %r15,%rcx
     376:	mov    %r15,%r9
     379:	mov    (%rdx),%rax
     37c:	lea    0x8(%r9,%rsi,1),%r10
     381:	mov    %rax,(%r9,%rsi,1)
     385:	test   %rsi,%rsi
     388:	jg     4a0 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x2d0>
     38e:	test   %r8,%r8
     391:	jne    5b3 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x3e3>
     397:	mov    %r9,0x58(%r12)
     39c:	mov    %r10,0x60(%r12)
     3a1:	mov    %rcx,0x68(%r12)
     3a6:	jmp    2cc <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0xfc>
     3ab:	nopl   0x0(%rax,%rax,1)
     3b0:	mov    0x70(%r12),%r8
     3b5:	mov    %rsi,%r10
     3b8:	movabs $0x7ffffffffffffff,%rcx
     3c2:	sub    %r8,%r10
     3c5:	mov    %r10,%rax
     3c8:	sar    $0x4,%rax
     3cc:	cmp    %rcx,%rax
     3cf:	je     5ea <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x41a>
     3d5:	cmp    %r8,%rsi
     3d8:	mov    $0x1,%ecx
     3dd:	cmovne %rax,%rcx
     3e1:	add    %rcx,%rax
     3e4:	jb     560 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x390>
     3ea:	test   %rax,%rax
     3ed:	jne    5d0 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x400>
     3f3:	mov    %r15,%rcx
     3f6:	mov    %r15,%r9
     3f9:	mov    $0x10,%eax
     3fe:	mov    (%rdx),%rdi
     401:	mov    0x8(%rdx),%edx
     404:	add    %r9,%r10
     407:	mov    %rdi,(%r10)
     40a:	mov    %edx,0x8(%r10)
     40e:	test   %rdi,%rdi
     411:	je     417 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x247>
     413:	lock addl $0x1,(%rdi)
     417:	cmp    %r8,%rsi
     41a:	je     44d <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x27d>
     41c:	mov    %r8,%rax
     41f:	mov    %r9,%rdx
     422:	nopw   0x0(%rax,%rax,1)
     428:	mov    (%rax),%rdi
     42b:	add    $0x10,%rax
     42f:	add    $0x10,%rdx
     433:	mov    %rdi,-0x10(%rdx)
     437:	mov    -0x8(%rax),%edi
     43a:	mov    %edi,-0x8(%rdx)
     43d:	cmp    %rax,%rsi
     440:	jne    428 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x258>
     442:	mov    %rsi,%rax
     445:	sub    %r8,%rax
     448:	lea    0x10(%r9,%rax,1),%rax
     44d:	test   %r8,%r8
     450:	je     483 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x2b3>
     452:	mov    0x80(%r12),%rsi
     45a:	mov    %r8,%rdi
     45d:	mov    %rcx,0x18(%rsp)
     462:	mov    %rax,0x10(%rsp)
     467:	sub    %r8,%rsi
     46a:	mov    %r9,0x8(%rsp)
     46f:	call   474 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x2a4>
     474:	mov    0x18(%rsp),%rcx
     479:	mov    0x10(%rsp),%rax
     47e:	mov    0x8(%rsp),%r9
     483:	mov    %r9,0x70(%r12)
     488:	mov    %rax,0x78(%r12)
     48d:	mov    %rcx,0x80(%r12)
     495:	jmp    2cc <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0xfc>
     49a:	nopw   0x0(%rax,%rax,1)
     4a0:	mov    %rsi,%rdx
     4a3:	mov    %r9,%rdi
     4a6:	mov    %r8,%rsi
     4a9:	mov    %rcx,0x18(%rsp)
     4ae:	mov    %r10,0x10(%rsp)
     4b3:	mov    %r8,0x8(%rsp)
     4b8:	call   4bd <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x2ed>
     4bd:	mov    0x68(%r12),%rsi
     4c2:	mov    0x8(%rsp),%r8
     4c7:	mov    0x10(%rsp),%r10
     4cc:	mov    0x18(%rsp),%rcx
     4d1:	mov    %rax,%r9
     4d4:	sub    %r8,%rsi
     4d7:	mov    %r8,%rdi
     4da:	mov    %rcx,0x18(%rsp)
     4df:	mov    %r9,0x10(%rsp)
     4e4:	mov    %r10,0x8(%rsp)
     4e9:	call   4ee <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x31e>
     4ee:	mov    0x18(%rsp),%rcx
     4f3:	mov    0x10(%rsp),%r9
     4f8:	mov    0x8(%rsp),%r10
     4fd:	mov    %r9,0x58(%r12)
     502:	mov    %r10,0x60(%r12)
     507:	mov    %rcx,0x68(%r12)
     50c:	jmp    2cc <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0xfc>
     511:	nopl   0x0(%rax)
     518:	movabs $0x7ffffffffffffff8,%rcx
     522:	mov    %rcx,%rdi
     525:	mov    %rsi,0x20(%rsp)
     52a:	mov    %r8,0x18(%rsp)
     52f:	mov    %rdx,0x10(%rsp)
     534:	mov    %rcx,0x8(%rsp)
     539:	call   53e <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x36e>
     53e:	mov    0x8(%rsp),%rcx
     543:	mov    0x10(%rsp),%rdx
     548:	mov    0x18(%rsp),%r8
     54d:	mov    0x20(%rsp),%rsi
     552:	mov    %rax,%r9
     555:	add    %rax,%rcx
     558:	jmp    379 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x1a9>
     55d:	nopl   (%rax)
     560:	movabs $0x7ffffffffffffff0,%rcx
     56a:	mov    %rcx,%rdi
     56d:	mov    %r10,0x28(%rsp)
     572:	mov    %r8,0x20(%rsp)
     577:	mov    %rsi,0x18(%rsp)
     57c:	mov    %rdx,0x10(%rsp)
     581:	mov    %rcx,0x8(%rsp)
     586:	call   58b <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x3bb>
     58b:	mov    0x8(%rsp),%rcx
     590:	mov    0x10(%rsp),%rdx
     595:	mov    %rax,%r9
     598:	mov    0x18(%rsp),%rsi
     59d:	mov    0x20(%rsp),%r8
     5a2:	add    %rax,%rcx
     5a5:	mov    0x28(%rsp),%r10
     5aa:	lea    0x10(%rax),%rax
     5ae:	jmp    3fe <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x22e>
     5b3:	mov    0x68(%r12),%rsi
     5b8:	sub    %r8,%rsi
     5bb:	jmp    4d7 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x307>
     5c0:	cmp    %rdi,%rcx
     5c3:	cmova  %rdi,%rcx
     5c7:	shl    $0x3,%rcx
     5cb:	jmp    522 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x352>
     5d0:	movabs $0x7ffffffffffffff,%rcx
     5da:	cmp    %rcx,%rax
     5dd:	cmova  %rcx,%rax
     5e1:	shl    $0x4,%rax
     5e5:	mov    %rax,%rcx
     5e8:	jmp    56a <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x39a>
     5ea:	lea    0x0(%rip),%rdi        # 5f1 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x421>
     5f1:	call   5f6 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt+0x426>
     5f6:	cs nopw 0x0(%rax,%rax,1)

0000000000000600 <_ZN4iree2vm9interpretERNS0_10InvocationE>:
     600:	push   %r15
     602:	push   %r14
     604:	mov    $0x10000,%r14d
     60a:	push   %r13
     60c:	mov    %rdi,%r13
     60f:	push   %r12
     611:	push   %rbp
     612:	push   %rbx
     613:	sub    $0x78,%rsp
     617:	mov    0x38(%rdi),%r12
     61b:	mov    0x10(%r12),%rbx
     620:	mov    0x8(%r12),%rax
     625:	mov    0x20(%r12),%rbp
     62a:	movzwl (%rbx),%edx
     62d:	mov    0x40(%rax),%r15
     631:	lea    0x0(%rip),%rax        # 638 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x38>
     638:	mov    (%rax,%rdx,8),%rdx
     63c:	jmp    *%rdx
     63e:	movzwl 0x2(%rbx),%edx
     642:	mov    0x28(%r12),%rax
     647:	mov    %rbx,0x10(%r12)
     64c:	shl    $0x4,%rdx
     650:	add    %rax,%rdx
     653:	cmpl   $0x1,0x8(%rdx)
     657:	jne    65d <_ZN4iree2vm9interpretERNS0_10InvocationE+0x5d>
     65d:	mov    (%rdx),%rdi
     660:	movzwl 0x6(%rbx),%edx
     664:	shl    $0x4,%rdx
     668:	add    %rdx,%rax
     66b:	mov    (%rax),%rdx
     66e:	mov    0x8(%rax),%eax
     671:	mov    %rdx,0x30(%rsp)
     676:	mov    %eax,0x38(%rsp)
     67a:	test   %rdx,%rdx
     67d:	je     683 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x83>
     67f:	lock addl $0x1,(%rdx)
     683:	movzwl 0x4(%rbx),%eax
     687:	lea    0x30(%rsp),%rdx
     68c:	mov    0x0(%rbp,%rax,8),%rsi
     691:	call   696 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x96>
     696:	mov    0x30(%rsp),%rax
     69b:	test   %rax,%rax
     69e:	je     6ac <_ZN4iree2vm9interpretERNS0_10InvocationE+0xac>
     6a0:	lock subl $0x1,(%rax)
     6a4:	jne    6ac <_ZN4iree2vm9interpretERNS0_10InvocationE+0xac>
     6a6:	mov    %rax,%rdi
     6a9:	call   *0x8(%rax)
     6ac:	movzwl 0x8(%rbx),%edx
     6b0:	lea    0x0(%rip),%rax        # 6b7 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xb7>
     6b7:	add    $0x8,%rbx
     6bb:	jmp    *(%rax,%rdx,8)
     6be:	movzwl 0x4(%rbx),%edx
     6c2:	mov    %rbx,0x10(%r12)
     6c7:	shl    $0x4,%rdx
     6cb:	add    0x28(%r12),%rdx
     6d0:	cmpl   $0x1,0x8(%rdx)
     6d4:	jne    6da <_ZN4iree2vm9interpretERNS0_10InvocationE+0xda>
     6da:	movzwl 0x6(%rbx),%eax
     6de:	mov    (%rdx),%rsi
     6e1:	lea    0x30(%rsp),%rdi
     6e6:	mov    0x0(%rbp,%rax,8),%rax
     6eb:	mov    %rax,%rdx
     6ee:	call   6f3 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xf3>
     6f3:	movzwl 0x2(%rbx),%eax
     6f7:	mov    0x30(%rsp),%rcx
     6fc:	mov    0x38(%rsp),%esi
     700:	shl    $0x4,%rax
     704:	add    0x28(%r12),%rax
     709:	mov    (%rax),%rdx
     70c:	mov    %rcx,(%rax)
     70f:	mov    0x8(%rax),%ecx
     712:	mov    %rdx,0x30(%rsp)
     717:	mov    %esi,0x8(%rax)
     71a:	mov    %ecx,0x38(%rsp)
     71e:	test   %rdx,%rdx
     721:	je     72f <_ZN4iree2vm9interpretERNS0_10InvocationE+0x12f>
     723:	lock subl $0x1,(%rdx)
     727:	jne    72f <_ZN4iree2vm9interpretERNS0_10InvocationE+0x12f>
     729:	mov    %rdx,%rdi
     72c:	call   *0x8(%rdx)
     72f:	movzwl 0x8(%rbx),%edx
     733:	lea    0x0(%rip),%rax        # 73a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x13a>
     73a:	add    $0x8,%rbx
     73e:	jmp    *(%rax,%rdx,8)
     741:	movzwl 0x2(%rbx),%edx
     745:	mov    %rbx,0x10(%r12)
     74a:	shl    $0x4,%rdx
     74e:	add    0x28(%r12),%rdx
     753:	cmpl   $0x1,0x8(%rdx)
     757:	jne    75d <_ZN4iree2vm9interpretERNS0_10InvocationE+0x15d>
     75d:	movzwl 0x6(%rbx),%eax
     761:	mov    (%rdx),%rdi
     764:	add    $0x8,%rbx
     768:	mov    $0x3,%edx
     76d:	mov    0x0(%rbp,%rax,8),%rcx
     772:	movzwl -0x4(%rbx),%eax
     776:	mov    0x0(%rbp,%rax,8),%rsi
     77b:	call   780 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x180>
     780:	movzwl (%rbx),%edx
     783:	lea    0x0(%rip),%rax        # 78a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x18a>
     78a:	jmp    *(%rax,%rdx,8)
     78d:	movzwl 0x4(%rbx),%edx
     791:	mov    %rbx,0x10(%r12)
     796:	shl    $0x4,%rdx
     79a:	add    0x28(%r12),%rdx
     79f:	cmpl   $0x1,0x8(%rdx)
     7a3:	jne    7a9 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1a9>
     7a9:	movzwl 0x6(%rbx),%eax
     7ad:	mov    (%rdx),%rdi
     7b0:	mov    $0x3,%edx
     7b5:	add    $0x8,%rbx
     7b9:	mov    0x0(%rbp,%rax,8),%rsi
     7be:	call   7c3 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1c3>
     7c3:	mov    %rax,%rdx
     7c6:	movzwl -0x6(%rbx),%eax
     7ca:	mov    %rdx,0x0(%rbp,%rax,8)
     7cf:	movzwl (%rbx),%edx
     7d2:	lea    0x0(%rip),%rax        # 7d9 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1d9>
     7d9:	jmp    *(%rax,%rdx,8)
     7dc:	movzwl 0x2(%rbx),%edx
     7e0:	mov    %rbx,0x10(%r12)
     7e5:	shl    $0x4,%rdx
     7e9:	add    0x28(%r12),%rdx
     7ee:	cmpl   $0x1,0x8(%rdx)
     7f2:	jne    7f8 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1f8>
     7f8:	movzwl 0x6(%rbx),%eax
     7fc:	mov    (%rdx),%rdi
     7ff:	add    $0x8,%rbx
     803:	mov    $0x2,%edx
     808:	mov    0x0(%rbp,%rax,8),%rcx
     80d:	movzwl -0x4(%rbx),%eax
     811:	mov    0x0(%rbp,%rax,8),%rsi
     816:	call   81b <_ZN4iree2vm9interpretERNS0_10InvocationE+0x21b>
     81b:	movzwl (%rbx),%edx
     81e:	lea    0x0(%rip),%rax        # 825 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x225>
     825:	jmp    *(%rax,%rdx,8)
     828:	movzwl 0x4(%rbx),%edx
     82c:	mov    %rbx,0x10(%r12)
     831:	shl    $0x4,%rdx
     835:	add    0x28(%r12),%rdx
     83a:	cmpl   $0x1,0x8(%rdx)
     83e:	jne    844 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x244>
     844:	movzwl 0x6(%rbx),%eax
     848:	mov    (%rdx),%rdi
     84b:	mov    $0x2,%edx
     850:	add    $0x8,%rbx
     854:	mov    0x0(%rbp,%rax,8),%rsi
     859:	call   85e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x25e>
     85e:	mov    %rax,%rdx
     861:	movzwl -0x6(%rbx),%eax
     865:	mov    %rdx,0x0(%rbp,%rax,8)
     86a:	movzwl (%rbx),%edx
     86d:	lea    0x0(%rip),%rax        # 874 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x274>
     874:	jmp    *(%rax,%rdx,8)
     877:	movzwl 0x2(%rbx),%edx
     87b:	mov    %rbx,0x10(%r12)
     880:	shl    $0x4,%rdx
     884:	add    0x28(%r12),%rdx
     889:	cmpl   $0x1,0x8(%rdx)
     88d:	jne    893 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x293>
     893:	movzwl 0x6(%rbx),%eax
     897:	mov    (%rdx),%rdi
     89a:	add    $0x8,%rbx
     89e:	mov    $0x1,%edx
     8a3:	mov    0x0(%rbp,%rax,8),%rcx
     8a8:	movzwl -0x4(%rbx),%eax
     8ac:	mov    0x0(%rbp,%rax,8),%rsi
     8b1:	call   8b6 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2b6>
     8b6:	movzwl (%rbx),%edx
     8b9:	lea    0x0(%rip),%rax        # 8c0 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2c0>
     8c0:	jmp    *(%rax,%rdx,8)
     8c3:	movzwl 0x4(%rbx),%edx
     8c7:	mov    %rbx,0x10(%r12)
     8cc:	shl    $0x4,%rdx
     8d0:	add    0x28(%r12),%rdx
     8d5:	cmpl   $0x1,0x8(%rdx)
     8d9:	jne    8df <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2df>
     8df:	movzwl 0x6(%rbx),%eax
     8e3:	mov    (%rdx),%rdi
     8e6:	mov    $0x1,%edx
     8eb:	add    $0x8,%rbx
     8ef:	mov    0x0(%rbp,%rax,8),%rsi
     8f4:	call   8f9 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2f9>
     8f9:	mov    %rax,%rdx
     8fc:	movzwl -0x6(%rbx),%eax
     900:	mov    %rdx,0x0(%rbp,%rax,8)
     905:	movzwl (%rbx),%edx
     908:	lea    0x0(%rip),%rax        # 90f <_ZN4iree2vm9interpretERNS0_10InvocationE+0x30f>
     90f:	jmp    *(%rax,%rdx,8)
     912:	movzwl 0x2(%rbx),%edx
     916:	mov    %rbx,0x10(%r12)
     91b:	shl    $0x4,%rdx
     91f:	add    0x28(%r12),%rdx
     924:	cmpl   $0x1,0x8(%rdx)
     928:	jne    92e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x32e>
     92e:	movzwl 0x6(%rbx),%eax
     932:	mov    (%rdx),%rdi
     935:	add    $0x8,%rbx
     939:	xor    %edx,%edx
     93b:	mov    0x0(%rbp,%rax,8),%rcx
     940:	movzwl -0x4(%rbx),%eax
     944:	mov    0x0(%rbp,%rax,8),%rsi
     949:	call   94e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x34e>
     94e:	movzwl (%rbx),%edx
     951:	lea    0x0(%rip),%rax        # 958 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x358>
     958:	jmp    *(%rax,%rdx,8)
     95b:	movzwl 0x4(%rbx),%edx
     95f:	mov    %rbx,0x10(%r12)
     964:	shl    $0x4,%rdx
     968:	add    0x28(%r12),%rdx
     96d:	cmpl   $0x1,0x8(%rdx)
     971:	jne    977 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x377>
     977:	movzwl 0x6(%rbx),%eax
     97b:	mov    (%rdx),%rdi
     97e:	xor    %edx,%edx
     980:	add    $0x8,%rbx
     984:	mov    0x0(%rbp,%rax,8),%rsi
     989:	call   98e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x38e>
     98e:	mov    %rax,%rdx
     991:	movzwl -0x6(%rbx),%eax
     995:	mov    %rdx,0x0(%rbp,%rax,8)
     99a:	movzwl (%rbx),%edx
     99d:	lea    0x0(%rip),%rax        # 9a4 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3a4>
     9a4:	jmp    *(%rax,%rdx,8)
     9a7:	movzwl 0x2(%rbx),%edx
     9ab:	mov    %rbx,0x10(%r12)
     9b0:	shl    $0x4,%rdx
     9b4:	add    0x28(%r12),%rdx
     9b9:	cmpl   $0x1,0x8(%rdx)
     9bd:	jne    9c3 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3c3>
     9c3:	movzwl 0x4(%rbx),%eax
     9c7:	mov    (%rdx),%rdi
     9ca:	add    $0x6,%rbx
     9ce:	mov    0x0(%rbp,%rax,8),%rsi
     9d3:	call   9d8 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3d8>
     9d8:	movzwl (%rbx),%edx
     9db:	lea    0x0(%rip),%rax        # 9e2 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3e2>
     9e2:	jmp    *(%rax,%rdx,8)
     9e5:	movzwl 0x4(%rbx),%edx
     9e9:	mov    %rbx,0x10(%r12)
     9ee:	shl    $0x4,%rdx
     9f2:	add    0x28(%r12),%rdx
     9f7:	cmpl   $0x1,0x8(%rdx)
     9fb:	jne    a01 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x401>
     a01:	mov    (%rdx),%rdx
     a04:	movzwl 0x2(%rbx),%eax
     a08:	add    $0x6,%rbx
     a0c:	mov    0x20(%rdx),%rdx
     a10:	mov    %rdx,0x0(%rbp,%rax,8)
     a15:	movzwl (%rbx),%edx
     a18:	lea    0x0(%rip),%rax        # a1f <_ZN4iree2vm9interpretERNS0_10InvocationE+0x41f>
     a1f:	jmp    *(%rax,%rdx,8)
     a22:	mov    %rbx,0x10(%r12)
     a27:	mov    $0x50,%edi
     a2c:	call   a31 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x431>
     a31:	lea    0x30(%rsp),%rdi
     a36:	mov    %r13,%rsi
     a39:	mov    %rax,(%rsp)
     a3d:	call   a42 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x442>
     a42:	mov    (%rsp),%rdi
     a46:	lea    0x30(%rsp),%rsi
     a4b:	call   a50 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x450>
     a50:	mov    0x30(%rsp),%rax
     a55:	test   %rax,%rax
     a58:	je     a64 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x464>
     a5a:	lock subl $0x1,(%rax)
     a5e:	je     3ab5 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x34b5>
     a64:	movzwl 0x4(%rbx),%eax
     a68:	mov    (%rsp),%rdi
     a6c:	mov    0x0(%rbp,%rax,8),%rsi
     a71:	call   a76 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x476>
     a76:	movzwl 0x2(%rbx),%eax
     a7a:	mov    (%rsp),%rsi
     a7e:	shl    $0x4,%rax
     a82:	add    0x28(%r12),%rax
     a87:	mov    (%rax),%rdx
     a8a:	movl   $0x1,0x8(%rax)
     a91:	mov    %rsi,(%rax)
     a94:	test   %rdx,%rdx
     a97:	je     aa5 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x4a5>
     a99:	lock subl $0x1,(%rdx)
     a9d:	jne    aa5 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x4a5>
     a9f:	mov    %rdx,%rdi
     aa2:	call   *0x8(%rdx)
     aa5:	movzwl 0x6(%rbx),%edx
     aa9:	lea    0x0(%rip),%rax        # ab0 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x4b0>
     ab0:	add    $0x6,%rbx
     ab4:	jmp    *(%rax,%rdx,8)
     ab7:	movzwl 0x4(%rbx),%eax
     abb:	add    $0x6,%rbx
     abf:	mov    0x0(%rbp,%rax,8),%rdx
     ac4:	movzwl -0x4(%rbx),%eax
     ac8:	mov    %rdx,0x0(%rbp,%rax,8)
     acd:	movzwl (%rbx),%edx
     ad0:	lea    0x0(%rip),%rax        # ad7 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x4d7>
     ad7:	jmp    *(%rax,%rdx,8)
     ada:	movzwl 0x4(%rbx),%eax
     ade:	add    $0x6,%rbx
     ae2:	mov    0x0(%rbp,%rax,8),%rdx
     ae7:	movzwl -0x4(%rbx),%eax
     aeb:	mov    %rdx,0x0(%rbp,%rax,8)
     af0:	movzwl (%rbx),%edx
     af3:	lea    0x0(%rip),%rax        # afa <_ZN4iree2vm9interpretERNS0_10InvocationE+0x4fa>
     afa:	jmp    *(%rax,%rdx,8)
     afd:	movzwl 0x4(%rbx),%eax
     b01:	add    $0x6,%rbx
     b05:	mov    0x0(%rbp,%rax,8),%edx
     b09:	movzwl -0x4(%rbx),%eax
     b0d:	mov    %edx,0x0(%rbp,%rax,8)
     b11:	movzwl (%rbx),%edx
     b14:	lea    0x0(%rip),%rax        # b1b <_ZN4iree2vm9interpretERNS0_10InvocationE+0x51b>
     b1b:	jmp    *(%rax,%rdx,8)
     b1e:	movzwl 0x4(%rbx),%eax
     b22:	add    $0x6,%rbx
     b26:	mov    0x0(%rbp,%rax,8),%edx
     b2a:	movzwl -0x4(%rbx),%eax
     b2e:	mov    %edx,0x0(%rbp,%rax,8)
     b32:	movzwl (%rbx),%edx
     b35:	lea    0x0(%rip),%rax        # b3c <_ZN4iree2vm9interpretERNS0_10InvocationE+0x53c>
     b3c:	jmp    *(%rax,%rdx,8)
     b3f:	movzwl 0x4(%rbx),%edx
     b43:	movzwl 0x2(%rbx),%eax
     b47:	pxor   %xmm0,%xmm0
     b4b:	add    $0x6,%rbx
     b4f:	cvtsd2ss 0x0(%rbp,%rdx,8),%xmm0
     b55:	movzwl (%rbx),%edx
     b58:	movss  %xmm0,0x0(%rbp,%rax,8)
     b5e:	lea    0x0(%rip),%rax        # b65 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x565>
     b65:	jmp    *(%rax,%rdx,8)
     b68:	movzwl 0x4(%rbx),%edx
     b6c:	movzwl 0x2(%rbx),%eax
     b70:	pxor   %xmm0,%xmm0
     b74:	add    $0x6,%rbx
     b78:	cvtss2sd 0x0(%rbp,%rdx,8),%xmm0
     b7e:	movzwl (%rbx),%edx
     b81:	movsd  %xmm0,0x0(%rbp,%rax,8)
     b87:	lea    0x0(%rip),%rax        # b8e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x58e>
     b8e:	jmp    *(%rax,%rdx,8)
     b91:	movzwl 0x4(%rbx),%eax
     b95:	movsd  0x0(%rbp,%rax,8),%xmm0
     b9b:	movzwl 0x2(%rbx),%eax
     b9f:	lea    0x0(%rbp,%rax,8),%rdx
     ba4:	xor    %eax,%eax
     ba6:	ucomisd %xmm0,%xmm0
     baa:	jp     be0 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x5e0>
     bac:	comisd 0x0(%rip),%xmm0        # bb4 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x5b4>
     bb4:	mov    $0xffffffffffffffff,%rax
     bbb:	jae    be0 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x5e0>
     bbd:	pxor   %xmm1,%xmm1
     bc1:	xor    %eax,%eax
     bc3:	comisd %xmm0,%xmm1
     bc7:	jae    be0 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x5e0>
     bc9:	movsd  0x0(%rip),%xmm1        # bd1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x5d1>
     bd1:	comisd %xmm1,%xmm0
     bd5:	jae    3c55 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3655>
     bdb:	cvttsd2si %xmm0,%rax
     be0:	add    $0x6,%rbx
     be4:	mov    %rax,(%rdx)
     be7:	lea    0x0(%rip),%rax        # bee <_ZN4iree2vm9interpretERNS0_10InvocationE+0x5ee>
     bee:	movzwl (%rbx),%edx
     bf1:	jmp    *(%rax,%rdx,8)
     bf4:	movzwl 0x4(%rbx),%eax
     bf8:	movsd  0x0(%rbp,%rax,8),%xmm0
     bfe:	movzwl 0x2(%rbx),%eax
     c02:	lea    0x0(%rbp,%rax,8),%rdx
     c07:	xor    %eax,%eax
     c09:	ucomisd %xmm0,%xmm0
     c0d:	jp     c3a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x63a>
     c0f:	comisd 0x0(%rip),%xmm0        # c17 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x617>
     c17:	movabs $0x7fffffffffffffff,%rax
     c21:	jae    c3a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x63a>
     c23:	movsd  0x0(%rip),%xmm1        # c2b <_ZN4iree2vm9interpretERNS0_10InvocationE+0x62b>
     c2b:	comisd %xmm0,%xmm1
     c2f:	jae    4190 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3b90>
     c35:	cvttsd2si %xmm0,%rax
     c3a:	add    $0x6,%rbx
     c3e:	mov    %rax,(%rdx)
     c41:	lea    0x0(%rip),%rax        # c48 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x648>
     c48:	movzwl (%rbx),%edx
     c4b:	jmp    *(%rax,%rdx,8)
     c4e:	movzwl 0x4(%rbx),%eax
     c52:	movzwl 0x2(%rbx),%edx
     c56:	mov    0x0(%rbp,%rax,8),%rax
     c5b:	test   %rax,%rax
     c5e:	js     3a97 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3497>
     c64:	pxor   %xmm0,%xmm0
     c68:	cvtsi2sd %rax,%xmm0
     c6d:	add    $0x6,%rbx
     c71:	movsd  %xmm0,0x0(%rbp,%rdx,8)
     c77:	lea    0x0(%rip),%rax        # c7e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x67e>
     c7e:	movzwl (%rbx),%edx
     c81:	jmp    *(%rax,%rdx,8)
     c84:	movzwl 0x4(%rbx),%edx
     c88:	pxor   %xmm0,%xmm0
     c8c:	movzwl 0x2(%rbx),%eax
     c90:	add    $0x6,%rbx
     c94:	cvtsi2sdq 0x0(%rbp,%rdx,8),%xmm0
     c9b:	movzwl (%rbx),%edx
     c9e:	movsd  %xmm0,0x0(%rbp,%rax,8)
     ca4:	lea    0x0(%rip),%rax        # cab <_ZN4iree2vm9interpretERNS0_10InvocationE+0x6ab>
     cab:	jmp    *(%rax,%rdx,8)
     cae:	movzwl 0x4(%rbx),%eax
     cb2:	movss  0x0(%rbp,%rax,8),%xmm0
     cb8:	movzwl 0x2(%rbx),%eax
     cbc:	lea    0x0(%rbp,%rax,8),%rdx
     cc1:	xor    %eax,%eax
     cc3:	ucomiss %xmm0,%xmm0
     cc6:	jp     cf5 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x6f5>
     cc8:	comiss 0x0(%rip),%xmm0        # ccf <_ZN4iree2vm9interpretERNS0_10InvocationE+0x6cf>
     ccf:	mov    $0xffffffffffffffff,%rax
     cd6:	jae    cf5 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x6f5>
     cd8:	pxor   %xmm1,%xmm1
     cdc:	xor    %eax,%eax
     cde:	comiss %xmm0,%xmm1
     ce1:	jae    cf5 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x6f5>
     ce3:	comiss 0x0(%rip),%xmm0        # cea <_ZN4iree2vm9interpretERNS0_10InvocationE+0x6ea>
     cea:	jae    3c3e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x363e>
     cf0:	cvttss2si %xmm0,%rax
     cf5:	add    $0x6,%rbx
     cf9:	mov    %rax,(%rdx)
     cfc:	lea    0x0(%rip),%rax        # d03 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x703>
     d03:	movzwl (%rbx),%edx
     d06:	jmp    *(%rax,%rdx,8)
     d09:	movzwl 0x4(%rbx),%eax
     d0d:	movss  0x0(%rbp,%rax,8),%xmm0
     d13:	movzwl 0x2(%rbx),%eax
     d17:	lea    0x0(%rbp,%rax,8),%rdx
     d1c:	xor    %eax,%eax
     d1e:	ucomiss %xmm0,%xmm0
     d21:	jp     d4c <_ZN4iree2vm9interpretERNS0_10InvocationE+0x74c>
     d23:	comiss 0x0(%rip),%xmm0        # d2a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x72a>
     d2a:	movabs $0x7fffffffffffffff,%rax
     d34:	jae    d4c <_ZN4iree2vm9interpretERNS0_10InvocationE+0x74c>
     d36:	movss  0x0(%rip),%xmm1        # d3e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x73e>
     d3e:	comiss %xmm0,%xmm1
     d41:	jae    419f <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3b9f>
     d47:	cvttss2si %xmm0,%rax
     d4c:	add    $0x6,%rbx
     d50:	mov    %rax,(%rdx)
     d53:	lea    0x0(%rip),%rax        # d5a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x75a>
     d5a:	movzwl (%rbx),%edx
     d5d:	jmp    *(%rax,%rdx,8)
     d60:	movzwl 0x4(%rbx),%eax
     d64:	movzwl 0x2(%rbx),%edx
     d68:	mov    0x0(%rbp,%rax,8),%rax
     d6d:	test   %rax,%rax
     d70:	js     3a79 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3479>
     d76:	pxor   %xmm0,%xmm0
     d7a:	cvtsi2ss %rax,%xmm0
     d7f:	add    $0x6,%rbx
     d83:	movss  %xmm0,0x0(%rbp,%rdx,8)
     d89:	lea    0x0(%rip),%rax        # d90 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x790>
     d90:	movzwl (%rbx),%edx
     d93:	jmp    *(%rax,%rdx,8)
     d96:	movzwl 0x4(%rbx),%edx
     d9a:	pxor   %xmm0,%xmm0
     d9e:	movzwl 0x2(%rbx),%eax
     da2:	add    $0x6,%rbx
     da6:	cvtsi2ssq 0x0(%rbp,%rdx,8),%xmm0
     dad:	movzwl (%rbx),%edx
     db0:	movss  %xmm0,0x0(%rbp,%rax,8)
     db6:	lea    0x0(%rip),%rax        # dbd <_ZN4iree2vm9interpretERNS0_10InvocationE+0x7bd>
     dbd:	jmp    *(%rax,%rdx,8)
     dc0:	movzwl 0x4(%rbx),%eax
     dc4:	movsd  0x0(%rbp,%rax,8),%xmm0
     dca:	movzwl 0x2(%rbx),%eax
     dce:	lea    0x0(%rbp,%rax,8),%rdx
     dd3:	xor    %eax,%eax
     dd5:	ucomisd %xmm0,%xmm0
     dd9:	jp     dfb <_ZN4iree2vm9interpretERNS0_10InvocationE+0x7fb>
     ddb:	comisd 0x0(%rip),%xmm0        # de3 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x7e3>
     de3:	mov    $0xffffffff,%eax
     de8:	jae    dfb <_ZN4iree2vm9interpretERNS0_10InvocationE+0x7fb>
     dea:	pxor   %xmm1,%xmm1
     dee:	xor    %eax,%eax
     df0:	comisd %xmm0,%xmm1
     df4:	jae    dfb <_ZN4iree2vm9interpretERNS0_10InvocationE+0x7fb>
     df6:	cvttsd2si %xmm0,%rax
     dfb:	add    $0x6,%rbx
     dff:	mov    %eax,(%rdx)
     e01:	lea    0x0(%rip),%rax        # e08 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x808>
     e08:	movzwl (%rbx),%edx
     e0b:	jmp    *(%rax,%rdx,8)
     e0e:	movzwl 0x4(%rbx),%eax
     e12:	movsd  0x0(%rbp,%rax,8),%xmm0
     e18:	movzwl 0x2(%rbx),%eax
     e1c:	lea    0x0(%rbp,%rax,8),%rdx
     e21:	xor    %eax,%eax
     e23:	ucomisd %xmm0,%xmm0
     e27:	jp     e4e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x84e>
     e29:	comisd 0x0(%rip),%xmm0        # e31 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x831>
     e31:	mov    $0x7fffffff,%eax
     e36:	jae    e4e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x84e>
     e38:	movsd  0x0(%rip),%xmm1        # e40 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x840>
     e40:	comisd %xmm0,%xmm1
     e44:	jae    41ea <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3bea>
     e4a:	cvttsd2si %xmm0,%eax
     e4e:	add    $0x6,%rbx
     e52:	mov    %eax,(%rdx)
     e54:	lea    0x0(%rip),%rax        # e5b <_ZN4iree2vm9interpretERNS0_10InvocationE+0x85b>
     e5b:	movzwl (%rbx),%edx
     e5e:	jmp    *(%rax,%rdx,8)
     e61:	movzwl 0x4(%rbx),%edx
     e65:	pxor   %xmm0,%xmm0
     e69:	movzwl 0x2(%rbx),%eax
     e6d:	add    $0x6,%rbx
     e71:	mov    0x0(%rbp,%rdx,8),%edx
     e75:	cvtsi2sd %rdx,%xmm0
     e7a:	movzwl (%rbx),%edx
     e7d:	movsd  %xmm0,0x0(%rbp,%rax,8)
     e83:	lea    0x0(%rip),%rax        # e8a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x88a>
     e8a:	jmp    *(%rax,%rdx,8)
     e8d:	movzwl 0x4(%rbx),%edx
     e91:	pxor   %xmm0,%xmm0
     e95:	movzwl 0x2(%rbx),%eax
     e99:	add    $0x6,%rbx
     e9d:	cvtsi2sdl 0x0(%rbp,%rdx,8),%xmm0
     ea3:	movzwl (%rbx),%edx
     ea6:	movsd  %xmm0,0x0(%rbp,%rax,8)
     eac:	lea    0x0(%rip),%rax        # eb3 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x8b3>
     eb3:	jmp    *(%rax,%rdx,8)
     eb6:	movzwl 0x4(%rbx),%eax
     eba:	movss  0x0(%rbp,%rax,8),%xmm0
     ec0:	movzwl 0x2(%rbx),%eax
     ec4:	lea    0x0(%rbp,%rax,8),%rdx
     ec9:	xor    %eax,%eax
     ecb:	ucomiss %xmm0,%xmm0
     ece:	jp     eee <_ZN4iree2vm9interpretERNS0_10InvocationE+0x8ee>
     ed0:	comiss 0x0(%rip),%xmm0        # ed7 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x8d7>
     ed7:	mov    $0xffffffff,%eax
     edc:	jae    eee <_ZN4iree2vm9interpretERNS0_10InvocationE+0x8ee>
     ede:	pxor   %xmm1,%xmm1
     ee2:	xor    %eax,%eax
     ee4:	comiss %xmm0,%xmm1
     ee7:	jae    eee <_ZN4iree2vm9interpretERNS0_10InvocationE+0x8ee>
     ee9:	cvttss2si %xmm0,%rax
     eee:	add    $0x6,%rbx
     ef2:	mov    %eax,(%rdx)
     ef4:	lea    0x0(%rip),%rax        # efb <_ZN4iree2vm9interpretERNS0_10InvocationE+0x8fb>
     efb:	movzwl (%rbx),%edx
     efe:	jmp    *(%rax,%rdx,8)
     f01:	movzwl 0x4(%rbx),%eax
     f05:	movss  0x0(%rbp,%rax,8),%xmm0
     f0b:	movzwl 0x2(%rbx),%eax
     f0f:	lea    0x0(%rbp,%rax,8),%rdx
     f14:	xor    %eax,%eax
     f16:	ucomiss %xmm0,%xmm0
     f19:	jp     f3e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x93e>
     f1b:	comiss 0x0(%rip),%xmm0        # f22 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x922>
     f22:	mov    $0x7fffffff,%eax
     f27:	jae    f3e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x93e>
     f29:	movss  0x0(%rip),%xmm1        # f31 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x931>
     f31:	comiss %xmm0,%xmm1
     f34:	jae    41e0 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3be0>
     f3a:	cvttss2si %xmm0,%eax
     f3e:	add    $0x6,%rbx
     f42:	mov    %eax,(%rdx)
     f44:	lea    0x0(%rip),%rax        # f4b <_ZN4iree2vm9interpretERNS0_10InvocationE+0x94b>
     f4b:	movzwl (%rbx),%edx
     f4e:	jmp    *(%rax,%rdx,8)
     f51:	movzwl 0x4(%rbx),%edx
     f55:	pxor   %xmm0,%xmm0
     f59:	movzwl 0x2(%rbx),%eax
     f5d:	add    $0x6,%rbx
     f61:	mov    0x0(%rbp,%rdx,8),%edx
     f65:	cvtsi2ss %rdx,%xmm0
     f6a:	movzwl (%rbx),%edx
     f6d:	movss  %xmm0,0x0(%rbp,%rax,8)
     f73:	lea    0x0(%rip),%rax        # f7a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x97a>
     f7a:	jmp    *(%rax,%rdx,8)
     f7d:	movzwl 0x4(%rbx),%edx
     f81:	pxor   %xmm0,%xmm0
     f85:	movzwl 0x2(%rbx),%eax
     f89:	add    $0x6,%rbx
     f8d:	cvtsi2ssl 0x0(%rbp,%rdx,8),%xmm0
     f93:	movzwl (%rbx),%edx
     f96:	movss  %xmm0,0x0(%rbp,%rax,8)
     f9c:	lea    0x0(%rip),%rax        # fa3 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x9a3>
     fa3:	jmp    *(%rax,%rdx,8)
     fa6:	movzwl 0x4(%rbx),%edx
     faa:	movzwl 0x2(%rbx),%eax
     fae:	add    $0x6,%rbx
     fb2:	movzwl 0x0(%rbp,%rdx,8),%edx
     fb7:	mov    %edx,0x0(%rbp,%rax,8)
     fbb:	movzwl (%rbx),%edx
     fbe:	lea    0x0(%rip),%rax        # fc5 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x9c5>
     fc5:	jmp    *(%rax,%rdx,8)
     fc8:	movzwl 0x4(%rbx),%edx
     fcc:	movzwl 0x2(%rbx),%eax
     fd0:	add    $0x6,%rbx
     fd4:	movswl 0x0(%rbp,%rdx,8),%edx
     fd9:	mov    %edx,0x0(%rbp,%rax,8)
     fdd:	movzwl (%rbx),%edx
     fe0:	lea    0x0(%rip),%rax        # fe7 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x9e7>
     fe7:	jmp    *(%rax,%rdx,8)
     fea:	movzwl 0x4(%rbx),%edx
     fee:	movzwl 0x2(%rbx),%eax
     ff2:	add    $0x6,%rbx
     ff6:	movzbl 0x0(%rbp,%rdx,8),%edx
     ffb:	mov    %edx,0x0(%rbp,%rax,8)
     fff:	movzwl (%rbx),%edx
    1002:	lea    0x0(%rip),%rax        # 1009 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xa09>
    1009:	jmp    *(%rax,%rdx,8)
    100c:	movzwl 0x4(%rbx),%edx
    1010:	movzwl 0x2(%rbx),%eax
    1014:	add    $0x6,%rbx
    1018:	movsbl 0x0(%rbp,%rdx,8),%edx
    101d:	mov    %edx,0x0(%rbp,%rax,8)
    1021:	movzwl (%rbx),%edx
    1024:	lea    0x0(%rip),%rax        # 102b <_ZN4iree2vm9interpretERNS0_10InvocationE+0xa2b>
    102b:	jmp    *(%rax,%rdx,8)
    102e:	movzwl 0x4(%rbx),%eax
    1032:	movzwl 0x2(%rbx),%edx
    1036:	add    $0x6,%rbx
    103a:	mov    0x0(%rbp,%rax,8),%eax
    103e:	and    $0x1,%eax
    1041:	mov    %eax,0x0(%rbp,%rdx,8)
    1045:	movzwl (%rbx),%edx
    1048:	lea    0x0(%rip),%rax        # 104f <_ZN4iree2vm9interpretERNS0_10InvocationE+0xa4f>
    104f:	jmp    *(%rax,%rdx,8)
    1052:	movzwl 0x4(%rbx),%eax
    1056:	movzwl 0x2(%rbx),%edx
    105a:	add    $0x6,%rbx
    105e:	mov    0x0(%rbp,%rax,8),%eax
    1062:	and    $0x1,%eax
    1065:	neg    %eax
    1067:	mov    %eax,0x0(%rbp,%rdx,8)
    106b:	movzwl (%rbx),%edx
    106e:	lea    0x0(%rip),%rax        # 1075 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xa75>
    1075:	jmp    *(%rax,%rdx,8)
    1078:	movzwl 0x4(%rbx),%edx
    107c:	movzwl 0x2(%rbx),%eax
    1080:	add    $0x6,%rbx
    1084:	mov    0x0(%rbp,%rdx,8),%esi
    1088:	movzwl (%rbx),%edx
    108b:	mov    %rsi,0x0(%rbp,%rax,8)
    1090:	lea    0x0(%rip),%rax        # 1097 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xa97>
    1097:	jmp    *(%rax,%rdx,8)
    109a:	movzwl 0x4(%rbx),%edx
    109e:	movzwl 0x2(%rbx),%eax
    10a2:	add    $0x6,%rbx
    10a6:	movslq 0x0(%rbp,%rdx,8),%rdx
    10ab:	mov    %rdx,0x0(%rbp,%rax,8)
    10b0:	movzwl (%rbx),%edx
    10b3:	lea    0x0(%rip),%rax        # 10ba <_ZN4iree2vm9interpretERNS0_10InvocationE+0xaba>
    10ba:	jmp    *(%rax,%rdx,8)
    10bd:	movzwl 0x4(%rbx),%edx
    10c1:	movzwl 0x2(%rbx),%eax
    10c5:	add    $0x6,%rbx
    10c9:	mov    0x0(%rbp,%rdx,8),%rdx
    10ce:	mov    %edx,0x0(%rbp,%rax,8)
    10d2:	movzwl (%rbx),%edx
    10d5:	lea    0x0(%rip),%rax        # 10dc <_ZN4iree2vm9interpretERNS0_10InvocationE+0xadc>
    10dc:	jmp    *(%rax,%rdx,8)
    10df:	movzwl 0x4(%rbx),%eax
    10e3:	movsd  0x0(%rbp,%rax,8),%xmm1
    10e9:	movzwl 0x6(%rbx),%eax
    10ed:	ucomisd %xmm1,%xmm1
    10f1:	movsd  0x0(%rbp,%rax,8),%xmm0
    10f7:	setp   %al
    10fa:	ucomisd %xmm0,%xmm0
    10fe:	setp   %dl
    1101:	or     %edx,%eax
    1103:	movzwl 0x2(%rbx),%edx
    1107:	movzbl %al,%esi
    110a:	mov    %esi,0x0(%rbp,%rdx,8)
    110e:	mov    %rdx,%rcx
    1111:	movzwl 0x8(%rbx),%edx
    1115:	cmp    $0x1,%dx
    1119:	je     39c6 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x33c6>
    111f:	lea    0x0(%rip),%rax        # 1126 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xb26>
    1126:	add    $0x8,%rbx
    112a:	jmp    *(%rax,%rdx,8)
    112d:	movzwl 0x4(%rbx),%eax
    1131:	xor    %ecx,%ecx
    1133:	movsd  0x0(%rbp,%rax,8),%xmm0
    1139:	movzwl 0x6(%rbx),%eax
    113d:	movsd  0x0(%rbp,%rax,8),%xmm1
    1143:	movzwl 0x2(%rbx),%eax
    1147:	comisd %xmm0,%xmm1
    114b:	mov    %rax,%rdx
    114e:	setae  %cl
    1151:	mov    %ecx,0x0(%rbp,%rax,8)
    1155:	movzwl 0x8(%rbx),%eax
    1159:	cmp    $0x1,%ax
    115d:	je     393d <_ZN4iree2vm9interpretERNS0_10InvocationE+0x333d>
    1163:	lea    0x0(%rip),%rdx        # 116a <_ZN4iree2vm9interpretERNS0_10InvocationE+0xb6a>
    116a:	add    $0x8,%rbx
    116e:	jmp    *(%rdx,%rax,8)
    1171:	movzwl 0x4(%rbx),%eax
    1175:	xor    %ecx,%ecx
    1177:	movsd  0x0(%rbp,%rax,8),%xmm0
    117d:	movzwl 0x6(%rbx),%eax
    1181:	movsd  0x0(%rbp,%rax,8),%xmm1
    1187:	movzwl 0x2(%rbx),%eax
    118b:	comisd %xmm0,%xmm1
    118f:	mov    %rax,%rdx
    1192:	seta   %cl
    1195:	mov    %ecx,0x0(%rbp,%rax,8)
    1199:	movzwl 0x8(%rbx),%eax
    119d:	cmp    $0x1,%ax
    11a1:	je     38f8 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x32f8>
    11a7:	lea    0x0(%rip),%rdx        # 11ae <_ZN4iree2vm9interpretERNS0_10InvocationE+0xbae>
    11ae:	add    $0x8,%rbx
    11b2:	jmp    *(%rdx,%rax,8)
    11b5:	movzwl 0x4(%rbx),%eax
    11b9:	mov    $0x1,%esi
    11be:	movzwl 0x2(%rbx),%ecx
    11c2:	movsd  0x0(%rbp,%rax,8),%xmm0
    11c8:	movzwl 0x6(%rbx),%eax
    11cc:	movsd  0x0(%rbp,%rax,8),%xmm1
    11d2:	xor    %eax,%eax
    11d4:	ucomisd %xmm0,%xmm1
    11d8:	setp   %al
    11db:	cmovne %esi,%eax
    11de:	mov    %eax,0x0(%rbp,%rcx,8)
    11e2:	movzwl 0x8(%rbx),%eax
    11e6:	cmp    $0x1,%ax
    11ea:	je     37c1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x31c1>
    11f0:	lea    0x0(%rip),%rdx        # 11f7 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xbf7>
    11f7:	add    $0x8,%rbx
    11fb:	jmp    *(%rdx,%rax,8)
    11fe:	movzwl 0x4(%rbx),%eax
    1202:	mov    $0x0,%esi
    1207:	movzwl 0x2(%rbx),%ecx
    120b:	movsd  0x0(%rbp,%rax,8),%xmm0
    1211:	movzwl 0x6(%rbx),%eax
    1215:	movsd  0x0(%rbp,%rax,8),%xmm1
    121b:	xor    %eax,%eax
    121d:	ucomisd %xmm0,%xmm1
    1221:	setnp  %al
    1224:	cmovne %esi,%eax
    1227:	mov    %eax,0x0(%rbp,%rcx,8)
    122b:	movzwl 0x8(%rbx),%eax
    122f:	cmp    $0x1,%ax
    1233:	je     3827 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3227>
    1239:	lea    0x0(%rip),%rdx        # 1240 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xc40>
    1240:	add    $0x8,%rbx
    1244:	jmp    *(%rdx,%rax,8)
    1247:	movzwl 0x4(%rbx),%eax
    124b:	add    $0x6,%rbx
    124f:	movsd  0x0(%rbp,%rax,8),%xmm0
    1255:	call   125a <_ZN4iree2vm9interpretERNS0_10InvocationE+0xc5a>
    125a:	movzwl -0x4(%rbx),%eax
    125e:	movzwl (%rbx),%edx
    1261:	movsd  %xmm0,0x0(%rbp,%rax,8)
    1267:	lea    0x0(%rip),%rax        # 126e <_ZN4iree2vm9interpretERNS0_10InvocationE+0xc6e>
    126e:	jmp    *(%rax,%rdx,8)
    1271:	movzwl 0x4(%rbx),%eax
    1275:	add    $0x6,%rbx
    1279:	movsd  0x0(%rbp,%rax,8),%xmm0
    127f:	call   1284 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xc84>
    1284:	movzwl -0x4(%rbx),%eax
    1288:	movzwl (%rbx),%edx
    128b:	movsd  %xmm0,0x0(%rbp,%rax,8)
    1291:	lea    0x0(%rip),%rax        # 1298 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xc98>
    1298:	jmp    *(%rax,%rdx,8)
    129b:	movzwl 0x4(%rbx),%eax
    129f:	add    $0x6,%rbx
    12a3:	movsd  0x0(%rbp,%rax,8),%xmm0
    12a9:	call   12ae <_ZN4iree2vm9interpretERNS0_10InvocationE+0xcae>
    12ae:	movzwl -0x4(%rbx),%eax
    12b2:	movzwl (%rbx),%edx
    12b5:	movsd  %xmm0,0x0(%rbp,%rax,8)
    12bb:	lea    0x0(%rip),%rax        # 12c2 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xcc2>
    12c2:	jmp    *(%rax,%rdx,8)
    12c5:	movzwl 0x4(%rbx),%eax
    12c9:	add    $0x6,%rbx
    12cd:	movsd  0x0(%rbp,%rax,8),%xmm0
    12d3:	call   12d8 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xcd8>
    12d8:	movzwl -0x4(%rbx),%eax
    12dc:	movzwl (%rbx),%edx
    12df:	movsd  %xmm0,0x0(%rbp,%rax,8)
    12e5:	lea    0x0(%rip),%rax        # 12ec <_ZN4iree2vm9interpretERNS0_10InvocationE+0xcec>
    12ec:	jmp    *(%rax,%rdx,8)
    12ef:	movzwl 0x4(%rbx),%eax
    12f3:	add    $0x6,%rbx
    12f7:	movsd  0x0(%rbp,%rax,8),%xmm0
    12fd:	call   1302 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xd02>
    1302:	movzwl -0x4(%rbx),%eax
    1306:	movzwl (%rbx),%edx
    1309:	movsd  %xmm0,0x0(%rbp,%rax,8)
    130f:	lea    0x0(%rip),%rax        # 1316 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xd16>
    1316:	jmp    *(%rax,%rdx,8)
    1319:	movzwl 0x4(%rbx),%eax
    131d:	add    $0x6,%rbx
    1321:	movsd  0x0(%rbp,%rax,8),%xmm0
    1327:	call   132c <_ZN4iree2vm9interpretERNS0_10InvocationE+0xd2c>
    132c:	movzwl -0x4(%rbx),%eax
    1330:	movzwl (%rbx),%edx
    1333:	movsd  %xmm0,0x0(%rbp,%rax,8)
    1339:	lea    0x0(%rip),%rax        # 1340 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xd40>
    1340:	jmp    *(%rax,%rdx,8)
    1343:	movzwl 0x4(%rbx),%eax
    1347:	add    $0x6,%rbx
    134b:	movsd  0x0(%rbp,%rax,8),%xmm0
    1351:	call   1356 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xd56>
    1356:	movzwl -0x4(%rbx),%eax
    135a:	movzwl (%rbx),%edx
    135d:	movsd  %xmm0,0x0(%rbp,%rax,8)
    1363:	lea    0x0(%rip),%rax        # 136a <_ZN4iree2vm9interpretERNS0_10InvocationE+0xd6a>
    136a:	jmp    *(%rax,%rdx,8)
    136d:	movzwl 0x4(%rbx),%eax
    1371:	add    $0x6,%rbx
    1375:	movsd  0x0(%rbp,%rax,8),%xmm0
    137b:	call   1380 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xd80>
    1380:	movzwl -0x4(%rbx),%eax
    1384:	movzwl (%rbx),%edx
    1387:	movsd  %xmm0,0x0(%rbp,%rax,8)
    138d:	lea    0x0(%rip),%rax        # 1394 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xd94>
    1394:	jmp    *(%rax,%rdx,8)
    1397:	movzwl 0x4(%rbx),%eax
    139b:	add    $0x6,%rbx
    139f:	movsd  0x0(%rbp,%rax,8),%xmm0
    13a5:	call   13aa <_ZN4iree2vm9interpretERNS0_10InvocationE+0xdaa>
    13aa:	movzwl -0x4(%rbx),%eax
    13ae:	movzwl (%rbx),%edx
    13b1:	movsd  %xmm0,0x0(%rbp,%rax,8)
    13b7:	lea    0x0(%rip),%rax        # 13be <_ZN4iree2vm9interpretERNS0_10InvocationE+0xdbe>
    13be:	jmp    *(%rax,%rdx,8)
    13c1:	movzwl 0x4(%rbx),%eax
    13c5:	add    $0x6,%rbx
    13c9:	movsd  0x0(%rbp,%rax,8),%xmm0
    13cf:	movzwl -0x4(%rbx),%eax
    13d3:	movzwl (%rbx),%edx
    13d6:	sqrtsd %xmm0,%xmm0
    13da:	movsd  %xmm0,0x0(%rbp,%rax,8)
    13e0:	lea    0x0(%rip),%rax        # 13e7 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xde7>
    13e7:	jmp    *(%rax,%rdx,8)
    13ea:	movzwl 0x4(%rbx),%eax
    13ee:	add    $0x6,%rbx
    13f2:	movsd  0x0(%rbp,%rax,8),%xmm0
    13f8:	call   13fd <_ZN4iree2vm9interpretERNS0_10InvocationE+0xdfd>
    13fd:	movzwl -0x4(%rbx),%eax
    1401:	movzwl (%rbx),%edx
    1404:	movsd  %xmm0,0x0(%rbp,%rax,8)
    140a:	lea    0x0(%rip),%rax        # 1411 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xe11>
    1411:	jmp    *(%rax,%rdx,8)
    1414:	movzwl 0x4(%rbx),%eax
    1418:	add    $0x6,%rbx
    141c:	movsd  0x0(%rbp,%rax,8),%xmm0
    1422:	call   1427 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xe27>
    1427:	movzwl -0x4(%rbx),%eax
    142b:	movzwl (%rbx),%edx
    142e:	movsd  %xmm0,0x0(%rbp,%rax,8)
    1434:	lea    0x0(%rip),%rax        # 143b <_ZN4iree2vm9interpretERNS0_10InvocationE+0xe3b>
    143b:	jmp    *(%rax,%rdx,8)
    143e:	movzwl 0x4(%rbx),%eax
    1442:	movsd  0x0(%rip),%xmm1        # 144a <_ZN4iree2vm9interpretERNS0_10InvocationE+0xe4a>
    144a:	movsd  0x0(%rip),%xmm3        # 1452 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xe52>
    1452:	movsd  0x0(%rbp,%rax,8),%xmm0
    1458:	movapd %xmm0,%xmm2
    145c:	andpd  %xmm1,%xmm2
    1460:	ucomisd %xmm2,%xmm3
    1464:	ja     3808 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3208>
    146a:	movzwl 0x2(%rbx),%eax
    146e:	movzwl 0x6(%rbx),%edx
    1472:	add    $0x6,%rbx
    1476:	movsd  %xmm0,0x0(%rbp,%rax,8)
    147c:	lea    0x0(%rip),%rax        # 1483 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xe83>
    1483:	jmp    *(%rax,%rdx,8)
    1486:	movzwl 0x4(%rbx),%eax
    148a:	movsd  0x0(%rip),%xmm2        # 1492 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xe92>
    1492:	movsd  0x0(%rip),%xmm3        # 149a <_ZN4iree2vm9interpretERNS0_10InvocationE+0xe9a>
    149a:	movsd  0x0(%rbp,%rax,8),%xmm0
    14a0:	movapd %xmm0,%xmm1
    14a4:	andpd  %xmm2,%xmm1
    14a8:	ucomisd %xmm1,%xmm3
    14ac:	ja     3a41 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3441>
    14b2:	movzwl 0x2(%rbx),%eax
    14b6:	movzwl 0x6(%rbx),%edx
    14ba:	add    $0x6,%rbx
    14be:	movsd  %xmm0,0x0(%rbp,%rax,8)
    14c4:	lea    0x0(%rip),%rax        # 14cb <_ZN4iree2vm9interpretERNS0_10InvocationE+0xecb>
    14cb:	jmp    *(%rax,%rdx,8)
    14ce:	movzwl 0x4(%rbx),%eax
    14d2:	movsd  0x0(%rip),%xmm2        # 14da <_ZN4iree2vm9interpretERNS0_10InvocationE+0xeda>
    14da:	movsd  0x0(%rip),%xmm3        # 14e2 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xee2>
    14e2:	movsd  0x0(%rbp,%rax,8),%xmm0
    14e8:	movapd %xmm0,%xmm1
    14ec:	andpd  %xmm2,%xmm1
    14f0:	ucomisd %xmm1,%xmm3
    14f4:	ja     3a09 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3409>
    14fa:	movzwl 0x2(%rbx),%eax
    14fe:	movzwl 0x6(%rbx),%edx
    1502:	add    $0x6,%rbx
    1506:	movsd  %xmm0,0x0(%rbp,%rax,8)
    150c:	lea    0x0(%rip),%rax        # 1513 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xf13>
    1513:	jmp    *(%rax,%rdx,8)
    1516:	movzwl 0x4(%rbx),%edx
    151a:	movzwl 0x2(%rbx),%eax
    151e:	add    $0x6,%rbx
    1522:	movsd  0x0(%rbp,%rdx,8),%xmm0
    1528:	andpd  0x0(%rip),%xmm0        # 1530 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xf30>
    1530:	movzwl (%rbx),%edx
    1533:	movsd  %xmm0,0x0(%rbp,%rax,8)
    1539:	lea    0x0(%rip),%rax        # 1540 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xf40>
    1540:	jmp    *(%rax,%rdx,8)
    1543:	movzwl 0x4(%rbx),%edx
    1547:	movzwl 0x2(%rbx),%eax
    154b:	add    $0x6,%rbx
    154f:	movsd  0x0(%rbp,%rdx,8),%xmm0
    1555:	xorpd  0x0(%rip),%xmm0        # 155d <_ZN4iree2vm9interpretERNS0_10InvocationE+0xf5d>
    155d:	movzwl (%rbx),%edx
    1560:	movsd  %xmm0,0x0(%rbp,%rax,8)
    1566:	lea    0x0(%rip),%rax        # 156d <_ZN4iree2vm9interpretERNS0_10InvocationE+0xf6d>
    156d:	jmp    *(%rax,%rdx,8)
    1570:	movzwl 0x6(%rbx),%eax
    1574:	movzwl 0x4(%rbx),%edx
    1578:	add    $0x8,%rbx
    157c:	movsd  0x0(%rbp,%rdx,8),%xmm0
    1582:	movsd  0x0(%rbp,%rax,8),%xmm1
    1588:	call   158d <_ZN4iree2vm9interpretERNS0_10InvocationE+0xf8d>
    158d:	movzwl -0x6(%rbx),%eax
    1591:	movzwl (%rbx),%edx
    1594:	movsd  %xmm0,0x0(%rbp,%rax,8)
    159a:	lea    0x0(%rip),%rax        # 15a1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xfa1>
    15a1:	jmp    *(%rax,%rdx,8)
    15a4:	movzwl 0x6(%rbx),%eax
    15a8:	movzwl 0x4(%rbx),%edx
    15ac:	add    $0x8,%rbx
    15b0:	movsd  0x0(%rbp,%rdx,8),%xmm0
    15b6:	movsd  0x0(%rbp,%rax,8),%xmm1
    15bc:	call   15c1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xfc1>
    15c1:	movzwl -0x6(%rbx),%eax
    15c5:	movzwl (%rbx),%edx
    15c8:	movsd  %xmm0,0x0(%rbp,%rax,8)
    15ce:	lea    0x0(%rip),%rax        # 15d5 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xfd5>
    15d5:	jmp    *(%rax,%rdx,8)
    15d8:	movzwl 0x4(%rbx),%eax
    15dc:	movsd  0x0(%rbp,%rax,8),%xmm0
    15e2:	movzwl 0x6(%rbx),%eax
    15e6:	ucomisd %xmm0,%xmm0
    15ea:	movsd  0x0(%rbp,%rax,8),%xmm1
    15f0:	movzwl 0x2(%rbx),%eax
    15f4:	lea    0x0(%rbp,%rax,8),%rdx
    15f9:	jp     3b79 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3579>
    15ff:	ucomisd %xmm1,%xmm1
    1603:	jp     3b79 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3579>
    1609:	comisd %xmm1,%xmm0
    160d:	jp     41cc <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3bcc>
    1613:	je     3c30 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3630>
    1619:	seta   %al
    161c:	movzbl %al,%eax
    161f:	lea    -0x1(%rax,%rax,1),%eax
    1623:	test   %eax,%eax
    1625:	je     3ac0 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x34c0>
    162b:	cmp    $0x1,%eax
    162e:	je     1634 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1034>
    1630:	movapd %xmm1,%xmm0
    1634:	add    $0x8,%rbx
    1638:	movsd  %xmm0,(%rdx)
    163c:	lea    0x0(%rip),%rax        # 1643 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1043>
    1643:	movzwl (%rbx),%edx
    1646:	jmp    *(%rax,%rdx,8)
    1649:	movzwl 0x4(%rbx),%eax
    164d:	movsd  0x0(%rbp,%rax,8),%xmm1
    1653:	movzwl 0x6(%rbx),%eax
    1657:	ucomisd %xmm1,%xmm1
    165b:	movsd  0x0(%rbp,%rax,8),%xmm0
    1661:	movzwl 0x2(%rbx),%eax
    1665:	lea    0x0(%rbp,%rax,8),%rdx
    166a:	jp     3b8b <_ZN4iree2vm9interpretERNS0_10InvocationE+0x358b>
    1670:	ucomisd %xmm0,%xmm0
    1674:	jp     3b8b <_ZN4iree2vm9interpretERNS0_10InvocationE+0x358b>
    167a:	comisd %xmm0,%xmm1
    167e:	jp     41c2 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3bc2>
    1684:	je     3c37 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3637>
    168a:	seta   %al
    168d:	movzbl %al,%eax
    1690:	lea    -0x1(%rax,%rax,1),%eax
    1694:	test   %eax,%eax
    1696:	je     3ad5 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x34d5>
    169c:	cmp    $0xffffffff,%eax
    169f:	jne    16a5 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x10a5>
    16a1:	movapd %xmm1,%xmm0
    16a5:	add    $0x8,%rbx
    16a9:	movsd  %xmm0,(%rdx)
    16ad:	lea    0x0(%rip),%rax        # 16b4 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x10b4>
    16b4:	movzwl (%rbx),%edx
    16b7:	jmp    *(%rax,%rdx,8)
    16ba:	movzwl 0x6(%rbx),%eax
    16be:	movzwl 0x4(%rbx),%edx
    16c2:	add    $0x8,%rbx
    16c6:	movsd  0x0(%rbp,%rdx,8),%xmm0
    16cc:	movsd  0x0(%rbp,%rax,8),%xmm1
    16d2:	call   16d7 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x10d7>
    16d7:	movzwl -0x6(%rbx),%eax
    16db:	movzwl (%rbx),%edx
    16de:	movsd  %xmm0,0x0(%rbp,%rax,8)
    16e4:	lea    0x0(%rip),%rax        # 16eb <_ZN4iree2vm9interpretERNS0_10InvocationE+0x10eb>
    16eb:	jmp    *(%rax,%rdx,8)
    16ee:	movzwl 0x4(%rbx),%ecx
    16f2:	movzwl 0x6(%rbx),%edx
    16f6:	add    $0x8,%rbx
    16fa:	movzwl -0x6(%rbx),%eax
    16fe:	movsd  0x0(%rbp,%rcx,8),%xmm0
    1704:	divsd  0x0(%rbp,%rdx,8),%xmm0
    170a:	movzwl (%rbx),%edx
    170d:	movsd  %xmm0,0x0(%rbp,%rax,8)
    1713:	lea    0x0(%rip),%rax        # 171a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x111a>
    171a:	jmp    *(%rax,%rdx,8)
    171d:	movzwl 0x6(%rbx),%ecx
    1721:	movzwl 0x4(%rbx),%edx
    1725:	add    $0x8,%rbx
    1729:	movzwl -0x6(%rbx),%eax
    172d:	movsd  0x0(%rbp,%rcx,8),%xmm0
    1733:	mulsd  0x0(%rbp,%rdx,8),%xmm0
    1739:	movzwl (%rbx),%edx
    173c:	movsd  %xmm0,0x0(%rbp,%rax,8)
    1742:	lea    0x0(%rip),%rax        # 1749 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1149>
    1749:	jmp    *(%rax,%rdx,8)
    174c:	movzwl 0x4(%rbx),%ecx
    1750:	movzwl 0x6(%rbx),%edx
    1754:	add    $0x8,%rbx
    1758:	movzwl -0x6(%rbx),%eax
    175c:	movsd  0x0(%rbp,%rcx,8),%xmm0
    1762:	subsd  0x0(%rbp,%rdx,8),%xmm0
    1768:	movzwl (%rbx),%edx
    176b:	movsd  %xmm0,0x0(%rbp,%rax,8)
    1771:	lea    0x0(%rip),%rax        # 1778 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1178>
    1778:	jmp    *(%rax,%rdx,8)
    177b:	movzwl 0x4(%rbx),%ecx
    177f:	movzwl 0x6(%rbx),%edx
    1783:	add    $0x8,%rbx
    1787:	movzwl -0x6(%rbx),%eax
    178b:	movsd  0x0(%rbp,%rcx,8),%xmm0
    1791:	addsd  0x0(%rbp,%rdx,8),%xmm0
    1797:	movzwl (%rbx),%edx
    179a:	movsd  %xmm0,0x0(%rbp,%rax,8)
    17a0:	lea    0x0(%rip),%rax        # 17a7 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x11a7>
    17a7:	jmp    *(%rax,%rdx,8)
    17aa:	movzwl 0x4(%rbx),%eax
    17ae:	movss  0x0(%rbp,%rax,8),%xmm1
    17b4:	movzwl 0x6(%rbx),%eax
    17b8:	ucomiss %xmm1,%xmm1
    17bb:	movss  0x0(%rbp,%rax,8),%xmm0
    17c1:	setp   %al
    17c4:	ucomiss %xmm0,%xmm0
    17c7:	setp   %dl
    17ca:	or     %edx,%eax
    17cc:	movzwl 0x2(%rbx),%edx
    17d0:	movzbl %al,%esi
    17d3:	mov    %esi,0x0(%rbp,%rdx,8)
    17d7:	mov    %rdx,%rcx
    17da:	movzwl 0x8(%rbx),%edx
    17de:	cmp    $0x1,%dx
    17e2:	je     377e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x317e>
    17e8:	lea    0x0(%rip),%rax        # 17ef <_ZN4iree2vm9interpretERNS0_10InvocationE+0x11ef>
    17ef:	add    $0x8,%rbx
    17f3:	jmp    *(%rax,%rdx,8)
    17f6:	movzwl 0x4(%rbx),%eax
    17fa:	xor    %ecx,%ecx
    17fc:	movss  0x0(%rbp,%rax,8),%xmm0
    1802:	movzwl 0x6(%rbx),%eax
    1806:	movss  0x0(%rbp,%rax,8),%xmm1
    180c:	movzwl 0x2(%rbx),%eax
    1810:	comiss %xmm0,%xmm1
    1813:	mov    %rax,%rdx
    1816:	setae  %cl
    1819:	mov    %ecx,0x0(%rbp,%rax,8)
    181d:	movzwl 0x8(%rbx),%eax
    1821:	cmp    $0x1,%ax
    1825:	je     34e9 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2ee9>
    182b:	lea    0x0(%rip),%rdx        # 1832 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1232>
    1832:	add    $0x8,%rbx
    1836:	jmp    *(%rdx,%rax,8)
    1839:	movzwl 0x4(%rbx),%eax
    183d:	xor    %ecx,%ecx
    183f:	movss  0x0(%rbp,%rax,8),%xmm0
    1845:	movzwl 0x6(%rbx),%eax
    1849:	movss  0x0(%rbp,%rax,8),%xmm1
    184f:	movzwl 0x2(%rbx),%eax
    1853:	comiss %xmm0,%xmm1
    1856:	mov    %rax,%rdx
    1859:	seta   %cl
    185c:	mov    %ecx,0x0(%rbp,%rax,8)
    1860:	movzwl 0x8(%rbx),%eax
    1864:	cmp    $0x1,%ax
    1868:	je     34a5 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2ea5>
    186e:	lea    0x0(%rip),%rdx        # 1875 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1275>
    1875:	add    $0x8,%rbx
    1879:	jmp    *(%rdx,%rax,8)
    187c:	movzwl 0x4(%rbx),%eax
    1880:	mov    $0x1,%esi
    1885:	movzwl 0x2(%rbx),%ecx
    1889:	movss  0x0(%rbp,%rax,8),%xmm0
    188f:	movzwl 0x6(%rbx),%eax
    1893:	movss  0x0(%rbp,%rax,8),%xmm1
    1899:	xor    %eax,%eax
    189b:	ucomiss %xmm0,%xmm1
    189e:	setp   %al
    18a1:	cmovne %esi,%eax
    18a4:	mov    %eax,0x0(%rbp,%rcx,8)
    18a8:	movzwl 0x8(%rbx),%eax
    18ac:	cmp    $0x1,%ax
    18b0:	je     3577 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2f77>
    18b6:	lea    0x0(%rip),%rdx        # 18bd <_ZN4iree2vm9interpretERNS0_10InvocationE+0x12bd>
    18bd:	add    $0x8,%rbx
    18c1:	jmp    *(%rdx,%rax,8)
    18c4:	movzwl 0x4(%rbx),%eax
    18c8:	mov    $0x0,%esi
    18cd:	movzwl 0x2(%rbx),%ecx
    18d1:	movss  0x0(%rbp,%rax,8),%xmm0
    18d7:	movzwl 0x6(%rbx),%eax
    18db:	movss  0x0(%rbp,%rax,8),%xmm1
    18e1:	xor    %eax,%eax
    18e3:	ucomiss %xmm0,%xmm1
    18e6:	setnp  %al
    18e9:	cmovne %esi,%eax
    18ec:	mov    %eax,0x0(%rbp,%rcx,8)
    18f0:	movzwl 0x8(%rbx),%eax
    18f4:	cmp    $0x1,%ax
    18f8:	je     352d <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2f2d>
    18fe:	lea    0x0(%rip),%rdx        # 1905 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1305>
    1905:	add    $0x8,%rbx
    1909:	jmp    *(%rdx,%rax,8)
    190c:	movzwl 0x4(%rbx),%eax
    1910:	add    $0x6,%rbx
    1914:	movss  0x0(%rbp,%rax,8),%xmm0
    191a:	call   191f <_ZN4iree2vm9interpretERNS0_10InvocationE+0x131f>
    191f:	movzwl -0x4(%rbx),%eax
    1923:	movzwl (%rbx),%edx
    1926:	movss  %xmm0,0x0(%rbp,%rax,8)
    192c:	lea    0x0(%rip),%rax        # 1933 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1333>
    1933:	jmp    *(%rax,%rdx,8)
    1936:	movzwl 0x4(%rbx),%eax
    193a:	add    $0x6,%rbx
    193e:	movss  0x0(%rbp,%rax,8),%xmm0
    1944:	call   1949 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1349>
    1949:	movzwl -0x4(%rbx),%eax
    194d:	movzwl (%rbx),%edx
    1950:	movss  %xmm0,0x0(%rbp,%rax,8)
    1956:	lea    0x0(%rip),%rax        # 195d <_ZN4iree2vm9interpretERNS0_10InvocationE+0x135d>
    195d:	jmp    *(%rax,%rdx,8)
    1960:	movzwl 0x4(%rbx),%eax
    1964:	add    $0x6,%rbx
    1968:	movss  0x0(%rbp,%rax,8),%xmm0
    196e:	call   1973 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1373>
    1973:	movzwl -0x4(%rbx),%eax
    1977:	movzwl (%rbx),%edx
    197a:	movss  %xmm0,0x0(%rbp,%rax,8)
    1980:	lea    0x0(%rip),%rax        # 1987 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1387>
    1987:	jmp    *(%rax,%rdx,8)
    198a:	movzwl 0x4(%rbx),%eax
    198e:	add    $0x6,%rbx
    1992:	movss  0x0(%rbp,%rax,8),%xmm0
    1998:	call   199d <_ZN4iree2vm9interpretERNS0_10InvocationE+0x139d>
    199d:	movzwl -0x4(%rbx),%eax
    19a1:	movzwl (%rbx),%edx
    19a4:	movss  %xmm0,0x0(%rbp,%rax,8)
    19aa:	lea    0x0(%rip),%rax        # 19b1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x13b1>
    19b1:	jmp    *(%rax,%rdx,8)
    19b4:	movzwl 0x4(%rbx),%eax
    19b8:	add    $0x6,%rbx
    19bc:	movss  0x0(%rbp,%rax,8),%xmm0
    19c2:	call   19c7 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x13c7>
    19c7:	movzwl -0x4(%rbx),%eax
    19cb:	movzwl (%rbx),%edx
    19ce:	movss  %xmm0,0x0(%rbp,%rax,8)
    19d4:	lea    0x0(%rip),%rax        # 19db <_ZN4iree2vm9interpretERNS0_10InvocationE+0x13db>
    19db:	jmp    *(%rax,%rdx,8)
    19de:	movzwl 0x4(%rbx),%eax
    19e2:	add    $0x6,%rbx
    19e6:	movss  0x0(%rbp,%rax,8),%xmm0
    19ec:	call   19f1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x13f1>
    19f1:	movzwl -0x4(%rbx),%eax
    19f5:	movzwl (%rbx),%edx
    19f8:	movss  %xmm0,0x0(%rbp,%rax,8)
    19fe:	lea    0x0(%rip),%rax        # 1a05 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1405>
    1a05:	jmp    *(%rax,%rdx,8)
    1a08:	movzwl 0x4(%rbx),%eax
    1a0c:	add    $0x6,%rbx
    1a10:	movss  0x0(%rbp,%rax,8),%xmm0
    1a16:	call   1a1b <_ZN4iree2vm9interpretERNS0_10InvocationE+0x141b>
    1a1b:	movzwl -0x4(%rbx),%eax
    1a1f:	movzwl (%rbx),%edx
    1a22:	movss  %xmm0,0x0(%rbp,%rax,8)
    1a28:	lea    0x0(%rip),%rax        # 1a2f <_ZN4iree2vm9interpretERNS0_10InvocationE+0x142f>
    1a2f:	jmp    *(%rax,%rdx,8)
    1a32:	movzwl 0x4(%rbx),%eax
    1a36:	add    $0x6,%rbx
    1a3a:	movss  0x0(%rbp,%rax,8),%xmm0
    1a40:	call   1a45 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1445>
    1a45:	movzwl -0x4(%rbx),%eax
    1a49:	movzwl (%rbx),%edx
    1a4c:	movss  %xmm0,0x0(%rbp,%rax,8)
    1a52:	lea    0x0(%rip),%rax        # 1a59 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1459>
    1a59:	jmp    *(%rax,%rdx,8)
    1a5c:	movzwl 0x4(%rbx),%eax
    1a60:	add    $0x6,%rbx
    1a64:	movss  0x0(%rbp,%rax,8),%xmm0
    1a6a:	call   1a6f <_ZN4iree2vm9interpretERNS0_10InvocationE+0x146f>
    1a6f:	movzwl -0x4(%rbx),%eax
    1a73:	movzwl (%rbx),%edx
    1a76:	movss  %xmm0,0x0(%rbp,%rax,8)
    1a7c:	lea    0x0(%rip),%rax        # 1a83 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1483>
    1a83:	jmp    *(%rax,%rdx,8)
    1a86:	movzwl 0x4(%rbx),%eax
    1a8a:	add    $0x6,%rbx
    1a8e:	movss  0x0(%rbp,%rax,8),%xmm0
    1a94:	movzwl -0x4(%rbx),%eax
    1a98:	movzwl (%rbx),%edx
    1a9b:	sqrtss %xmm0,%xmm0
    1a9f:	movss  %xmm0,0x0(%rbp,%rax,8)
    1aa5:	lea    0x0(%rip),%rax        # 1aac <_ZN4iree2vm9interpretERNS0_10InvocationE+0x14ac>
    1aac:	jmp    *(%rax,%rdx,8)
    1aaf:	movzwl 0x4(%rbx),%eax
    1ab3:	add    $0x6,%rbx
    1ab7:	movss  0x0(%rbp,%rax,8),%xmm0
    1abd:	call   1ac2 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x14c2>
    1ac2:	movzwl -0x4(%rbx),%eax
    1ac6:	movzwl (%rbx),%edx
    1ac9:	movss  %xmm0,0x0(%rbp,%rax,8)
    1acf:	lea    0x0(%rip),%rax        # 1ad6 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x14d6>
    1ad6:	jmp    *(%rax,%rdx,8)
    1ad9:	movzwl 0x4(%rbx),%eax
    1add:	add    $0x6,%rbx
    1ae1:	movss  0x0(%rbp,%rax,8),%xmm0
    1ae7:	call   1aec <_ZN4iree2vm9interpretERNS0_10InvocationE+0x14ec>
    1aec:	movzwl -0x4(%rbx),%eax
    1af0:	movzwl (%rbx),%edx
    1af3:	movss  %xmm0,0x0(%rbp,%rax,8)
    1af9:	lea    0x0(%rip),%rax        # 1b00 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1500>
    1b00:	jmp    *(%rax,%rdx,8)
    1b03:	movzwl 0x4(%rbx),%eax
    1b07:	movss  0x0(%rip),%xmm1        # 1b0f <_ZN4iree2vm9interpretERNS0_10InvocationE+0x150f>
    1b0f:	movss  0x0(%rip),%xmm3        # 1b17 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1517>
    1b17:	movss  0x0(%rbp,%rax,8),%xmm0
    1b1d:	movaps %xmm0,%xmm2
    1b20:	andps  %xmm1,%xmm2
    1b23:	ucomiss %xmm2,%xmm3
    1b26:	ja     337b <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2d7b>
    1b2c:	movzwl 0x2(%rbx),%eax
    1b30:	movzwl 0x6(%rbx),%edx
    1b34:	add    $0x6,%rbx
    1b38:	movss  %xmm0,0x0(%rbp,%rax,8)
    1b3e:	lea    0x0(%rip),%rax        # 1b45 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1545>
    1b45:	jmp    *(%rax,%rdx,8)
    1b48:	movzwl 0x4(%rbx),%eax
    1b4c:	movss  0x0(%rip),%xmm2        # 1b54 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1554>
    1b54:	movss  0x0(%rip),%xmm3        # 1b5c <_ZN4iree2vm9interpretERNS0_10InvocationE+0x155c>
    1b5c:	movss  0x0(%rbp,%rax,8),%xmm0
    1b62:	movaps %xmm0,%xmm1
    1b65:	andps  %xmm2,%xmm1
    1b68:	ucomiss %xmm1,%xmm3
    1b6b:	ja     334a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2d4a>
    1b71:	movzwl 0x2(%rbx),%eax
    1b75:	movzwl 0x6(%rbx),%edx
    1b79:	add    $0x6,%rbx
    1b7d:	movss  %xmm0,0x0(%rbp,%rax,8)
    1b83:	lea    0x0(%rip),%rax        # 1b8a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x158a>
    1b8a:	jmp    *(%rax,%rdx,8)
    1b8d:	movzwl 0x4(%rbx),%eax
    1b91:	movss  0x0(%rip),%xmm2        # 1b99 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1599>
    1b99:	movss  0x0(%rip),%xmm3        # 1ba1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x15a1>
    1ba1:	movss  0x0(%rbp,%rax,8),%xmm0
    1ba7:	movaps %xmm0,%xmm1
    1baa:	andps  %xmm2,%xmm1
    1bad:	ucomiss %xmm1,%xmm3
    1bb0:	ja     3319 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2d19>
    1bb6:	movzwl 0x2(%rbx),%eax
    1bba:	movzwl 0x6(%rbx),%edx
    1bbe:	add    $0x6,%rbx
    1bc2:	movss  %xmm0,0x0(%rbp,%rax,8)
    1bc8:	lea    0x0(%rip),%rax        # 1bcf <_ZN4iree2vm9interpretERNS0_10InvocationE+0x15cf>
    1bcf:	jmp    *(%rax,%rdx,8)
    1bd2:	movzwl 0x4(%rbx),%edx
    1bd6:	movzwl 0x2(%rbx),%eax
    1bda:	add    $0x6,%rbx
    1bde:	movss  0x0(%rbp,%rdx,8),%xmm0
    1be4:	andps  0x0(%rip),%xmm0        # 1beb <_ZN4iree2vm9interpretERNS0_10InvocationE+0x15eb>
    1beb:	movzwl (%rbx),%edx
    1bee:	movss  %xmm0,0x0(%rbp,%rax,8)
    1bf4:	lea    0x0(%rip),%rax        # 1bfb <_ZN4iree2vm9interpretERNS0_10InvocationE+0x15fb>
    1bfb:	jmp    *(%rax,%rdx,8)
    1bfe:	movzwl 0x4(%rbx),%edx
    1c02:	movzwl 0x2(%rbx),%eax
    1c06:	add    $0x6,%rbx
    1c0a:	movss  0x0(%rbp,%rdx,8),%xmm0
    1c10:	xorps  0x0(%rip),%xmm0        # 1c17 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1617>
    1c17:	movzwl (%rbx),%edx
    1c1a:	movss  %xmm0,0x0(%rbp,%rax,8)
    1c20:	lea    0x0(%rip),%rax        # 1c27 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1627>
    1c27:	jmp    *(%rax,%rdx,8)
    1c2a:	movzwl 0x4(%rbx),%eax
    1c2e:	add    $0x8,%rbx
    1c32:	movss  0x0(%rbp,%rax,8),%xmm0
    1c38:	movzwl -0x2(%rbx),%eax
    1c3c:	movss  0x0(%rbp,%rax,8),%xmm1
    1c42:	call   1c47 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1647>
    1c47:	movzwl -0x6(%rbx),%eax
    1c4b:	movzwl (%rbx),%edx
    1c4e:	movss  %xmm0,0x0(%rbp,%rax,8)
    1c54:	lea    0x0(%rip),%rax        # 1c5b <_ZN4iree2vm9interpretERNS0_10InvocationE+0x165b>
    1c5b:	jmp    *(%rax,%rdx,8)
    1c5e:	movzwl 0x4(%rbx),%eax
    1c62:	add    $0x8,%rbx
    1c66:	movss  0x0(%rbp,%rax,8),%xmm0
    1c6c:	movzwl -0x2(%rbx),%eax
    1c70:	movss  0x0(%rbp,%rax,8),%xmm1
    1c76:	call   1c7b <_ZN4iree2vm9interpretERNS0_10InvocationE+0x167b>
    1c7b:	movzwl -0x6(%rbx),%eax
    1c7f:	movzwl (%rbx),%edx
    1c82:	movss  %xmm0,0x0(%rbp,%rax,8)
    1c88:	lea    0x0(%rip),%rax        # 1c8f <_ZN4iree2vm9interpretERNS0_10InvocationE+0x168f>
    1c8f:	jmp    *(%rax,%rdx,8)
    1c92:	movzwl 0x4(%rbx),%eax
    1c96:	movss  0x0(%rbp,%rax,8),%xmm0
    1c9c:	movzwl 0x6(%rbx),%eax
    1ca0:	ucomiss %xmm0,%xmm0
    1ca3:	movss  0x0(%rbp,%rax,8),%xmm1
    1ca9:	movzwl 0x2(%rbx),%eax
    1cad:	lea    0x0(%rbp,%rax,8),%rdx
    1cb2:	jp     3b82 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3582>
    1cb8:	ucomiss %xmm1,%xmm1
    1cbb:	jp     3b82 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3582>
    1cc1:	comiss %xmm0,%xmm1
    1cc4:	jp     41b8 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3bb8>
    1cca:	je     3c22 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3622>
    1cd0:	seta   %al
    1cd3:	movzbl %al,%eax
    1cd6:	lea    -0x1(%rax,%rax,1),%eax
    1cda:	test   %eax,%eax
    1cdc:	je     3aea <_ZN4iree2vm9interpretERNS0_10InvocationE+0x34ea>
    1ce2:	cmp    $0xffffffff,%eax
    1ce5:	je     1cea <_ZN4iree2vm9interpretERNS0_10InvocationE+0x16ea>
    1ce7:	movaps %xmm1,%xmm0
    1cea:	add    $0x8,%rbx
    1cee:	movss  %xmm0,(%rdx)
    1cf2:	lea    0x0(%rip),%rax        # 1cf9 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x16f9>
    1cf9:	movzwl (%rbx),%edx
    1cfc:	jmp    *(%rax,%rdx,8)
    1cff:	movzwl 0x4(%rbx),%eax
    1d03:	movss  0x0(%rbp,%rax,8),%xmm1
    1d09:	movzwl 0x6(%rbx),%eax
    1d0d:	ucomiss %xmm1,%xmm1
    1d10:	movss  0x0(%rbp,%rax,8),%xmm0
    1d16:	movzwl 0x2(%rbx),%eax
    1d1a:	lea    0x0(%rbp,%rax,8),%rdx
    1d1f:	jp     3b70 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3570>
    1d25:	ucomiss %xmm0,%xmm0
    1d28:	jp     3b70 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3570>
    1d2e:	comiss %xmm1,%xmm0
    1d31:	jp     41ae <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3bae>
    1d37:	je     3c29 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3629>
    1d3d:	seta   %al
    1d40:	movzbl %al,%eax
    1d43:	lea    -0x1(%rax,%rax,1),%eax
    1d47:	test   %eax,%eax
    1d49:	je     3afe <_ZN4iree2vm9interpretERNS0_10InvocationE+0x34fe>
    1d4f:	cmp    $0x1,%eax
    1d52:	jne    1d57 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1757>
    1d54:	movaps %xmm1,%xmm0
    1d57:	add    $0x8,%rbx
    1d5b:	movss  %xmm0,(%rdx)
    1d5f:	lea    0x0(%rip),%rax        # 1d66 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1766>
    1d66:	movzwl (%rbx),%edx
    1d69:	jmp    *(%rax,%rdx,8)
    1d6c:	movzwl 0x4(%rbx),%eax
    1d70:	add    $0x8,%rbx
    1d74:	movss  0x0(%rbp,%rax,8),%xmm0
    1d7a:	movzwl -0x2(%rbx),%eax
    1d7e:	movss  0x0(%rbp,%rax,8),%xmm1
    1d84:	call   1d89 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1789>
    1d89:	movzwl -0x6(%rbx),%eax
    1d8d:	movzwl (%rbx),%edx
    1d90:	movss  %xmm0,0x0(%rbp,%rax,8)
    1d96:	lea    0x0(%rip),%rax        # 1d9d <_ZN4iree2vm9interpretERNS0_10InvocationE+0x179d>
    1d9d:	jmp    *(%rax,%rdx,8)
    1da0:	movzwl 0x4(%rbx),%eax
    1da4:	movzwl 0x6(%rbx),%edx
    1da8:	add    $0x8,%rbx
    1dac:	movss  0x0(%rbp,%rax,8),%xmm0
    1db2:	movzwl -0x6(%rbx),%eax
    1db6:	divss  0x0(%rbp,%rdx,8),%xmm0
    1dbc:	movzwl (%rbx),%edx
    1dbf:	movss  %xmm0,0x0(%rbp,%rax,8)
    1dc5:	lea    0x0(%rip),%rax        # 1dcc <_ZN4iree2vm9interpretERNS0_10InvocationE+0x17cc>
    1dcc:	jmp    *(%rax,%rdx,8)
    1dcf:	movzwl 0x4(%rbx),%edx
    1dd3:	movzwl 0x6(%rbx),%ecx
    1dd7:	add    $0x8,%rbx
    1ddb:	movzwl -0x6(%rbx),%eax
    1ddf:	movss  0x0(%rbp,%rcx,8),%xmm0
    1de5:	mulss  0x0(%rbp,%rdx,8),%xmm0
    1deb:	movzwl (%rbx),%edx
    1dee:	movss  %xmm0,0x0(%rbp,%rax,8)
    1df4:	lea    0x0(%rip),%rax        # 1dfb <_ZN4iree2vm9interpretERNS0_10InvocationE+0x17fb>
    1dfb:	jmp    *(%rax,%rdx,8)
    1dfe:	movzwl 0x4(%rbx),%eax
    1e02:	movzwl 0x6(%rbx),%edx
    1e06:	add    $0x8,%rbx
    1e0a:	movss  0x0(%rbp,%rax,8),%xmm0
    1e10:	subss  0x0(%rbp,%rdx,8),%xmm0
    1e16:	movzwl -0x6(%rbx),%eax
    1e1a:	movzwl (%rbx),%edx
    1e1d:	movss  %xmm0,0x0(%rbp,%rax,8)
    1e23:	lea    0x0(%rip),%rax        # 1e2a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x182a>
    1e2a:	jmp    *(%rax,%rdx,8)
    1e2d:	movzwl 0x4(%rbx),%edx
    1e31:	movzwl 0x6(%rbx),%ecx
    1e35:	add    $0x8,%rbx
    1e39:	movzwl -0x6(%rbx),%eax
    1e3d:	movss  0x0(%rbp,%rcx,8),%xmm0
    1e43:	addss  0x0(%rbp,%rdx,8),%xmm0
    1e49:	movzwl (%rbx),%edx
    1e4c:	movss  %xmm0,0x0(%rbp,%rax,8)
    1e52:	lea    0x0(%rip),%rax        # 1e59 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1859>
    1e59:	jmp    *(%rax,%rdx,8)
    1e5c:	movzwl 0x4(%rbx),%eax
    1e60:	xor    %edi,%edi
    1e62:	mov    0x0(%rbp,%rax,8),%rcx
    1e67:	movzwl 0x6(%rbx),%eax
    1e6b:	mov    0x0(%rbp,%rax,8),%rsi
    1e70:	movzwl 0x2(%rbx),%eax
    1e74:	cmp    %rcx,%rsi
    1e77:	mov    %rax,%rdx
    1e7a:	setae  %dil
    1e7e:	mov    %edi,0x0(%rbp,%rax,8)
    1e82:	movzwl 0x8(%rbx),%eax
    1e86:	cmp    $0x1,%ax
    1e8a:	je     33d9 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2dd9>
    1e90:	lea    0x0(%rip),%rdx        # 1e97 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1897>
    1e97:	add    $0x8,%rbx
    1e9b:	jmp    *(%rdx,%rax,8)
    1e9e:	movzwl 0x4(%rbx),%eax
    1ea2:	xor    %edi,%edi
    1ea4:	mov    0x0(%rbp,%rax,8),%rsi
    1ea9:	movzwl 0x6(%rbx),%eax
    1ead:	mov    0x0(%rbp,%rax,8),%rcx
    1eb2:	movzwl 0x2(%rbx),%eax
    1eb6:	cmp    %rcx,%rsi
    1eb9:	mov    %rax,%rdx
    1ebc:	setb   %dil
    1ec0:	mov    %edi,0x0(%rbp,%rax,8)
    1ec4:	movzwl 0x8(%rbx),%eax
    1ec8:	cmp    $0x1,%ax
    1ecc:	je     3395 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2d95>
    1ed2:	lea    0x0(%rip),%rdx        # 1ed9 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x18d9>
    1ed9:	add    $0x8,%rbx
    1edd:	jmp    *(%rdx,%rax,8)
    1ee0:	movzwl 0x4(%rbx),%eax
    1ee4:	xor    %edi,%edi
    1ee6:	mov    0x0(%rbp,%rax,8),%rsi
    1eeb:	movzwl 0x6(%rbx),%eax
    1eef:	mov    0x0(%rbp,%rax,8),%rcx
    1ef4:	movzwl 0x2(%rbx),%eax
    1ef8:	cmp    %rcx,%rsi
    1efb:	mov    %rax,%rdx
    1efe:	setle  %dil
    1f02:	mov    %edi,0x0(%rbp,%rax,8)
    1f06:	movzwl 0x8(%rbx),%eax
    1f0a:	cmp    $0x1,%ax
    1f0e:	je     3461 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2e61>
    1f14:	lea    0x0(%rip),%rdx        # 1f1b <_ZN4iree2vm9interpretERNS0_10InvocationE+0x191b>
    1f1b:	add    $0x8,%rbx
    1f1f:	jmp    *(%rdx,%rax,8)
    1f22:	movzwl 0x4(%rbx),%eax
    1f26:	xor    %edi,%edi
    1f28:	mov    0x0(%rbp,%rax,8),%rcx
    1f2d:	movzwl 0x6(%rbx),%eax
    1f31:	mov    0x0(%rbp,%rax,8),%rsi
    1f36:	movzwl 0x2(%rbx),%eax
    1f3a:	cmp    %rcx,%rsi
    1f3d:	mov    %rax,%rdx
    1f40:	setg   %dil
    1f44:	mov    %edi,0x0(%rbp,%rax,8)
    1f48:	movzwl 0x8(%rbx),%eax
    1f4c:	cmp    $0x1,%ax
    1f50:	je     341d <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2e1d>
    1f56:	lea    0x0(%rip),%rdx        # 1f5d <_ZN4iree2vm9interpretERNS0_10InvocationE+0x195d>
    1f5d:	add    $0x8,%rbx
    1f61:	jmp    *(%rdx,%rax,8)
    1f64:	movzwl 0x4(%rbx),%eax
    1f68:	xor    %edi,%edi
    1f6a:	mov    0x0(%rbp,%rax,8),%rcx
    1f6f:	movzwl 0x6(%rbx),%eax
    1f73:	mov    0x0(%rbp,%rax,8),%rsi
    1f78:	movzwl 0x2(%rbx),%eax
    1f7c:	cmp    %rcx,%rsi
    1f7f:	mov    %rax,%rdx
    1f82:	setne  %dil
    1f86:	mov    %edi,0x0(%rbp,%rax,8)
    1f8a:	movzwl 0x8(%rbx),%eax
    1f8e:	cmp    $0x1,%ax
    1f92:	je     3982 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3382>
    1f98:	lea    0x0(%rip),%rdx        # 1f9f <_ZN4iree2vm9interpretERNS0_10InvocationE+0x199f>
    1f9f:	add    $0x8,%rbx
    1fa3:	jmp    *(%rdx,%rax,8)
    1fa6:	movzwl 0x4(%rbx),%eax
    1faa:	xor    %edi,%edi
    1fac:	mov    0x0(%rbp,%rax,8),%rsi
    1fb1:	movzwl 0x6(%rbx),%eax
    1fb5:	mov    0x0(%rbp,%rax,8),%rcx
    1fba:	movzwl 0x2(%rbx),%eax
    1fbe:	cmp    %rcx,%rsi
    1fc1:	mov    %rax,%rdx
    1fc4:	sete   %dil
    1fc8:	mov    %edi,0x0(%rbp,%rax,8)
    1fcc:	movzwl 0x8(%rbx),%eax
    1fd0:	cmp    $0x1,%ax
    1fd4:	je     3611 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3011>
    1fda:	lea    0x0(%rip),%rdx        # 1fe1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x19e1>
    1fe1:	add    $0x8,%rbx
    1fe5:	jmp    *(%rdx,%rax,8)
    1fe8:	movzwl 0x4(%rbx),%eax
    1fec:	add    $0x6,%rbx
    1ff0:	mov    0x0(%rbp,%rax,8),%rdi
    1ff5:	call   1ffa <_ZN4iree2vm9interpretERNS0_10InvocationE+0x19fa>
    1ffa:	movzwl -0x4(%rbx),%edx
    1ffe:	cltq
    2000:	mov    %rax,0x0(%rbp,%rdx,8)
    2005:	movzwl (%rbx),%edx
    2008:	lea    0x0(%rip),%rax        # 200f <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1a0f>
    200f:	jmp    *(%rax,%rdx,8)
    2012:	movzwl 0x4(%rbx),%eax
    2016:	mov    0x0(%rbp,%rax,8),%rdx
    201b:	xor    %eax,%eax
    201d:	tzcnt  %rdx,%rax
    2022:	test   %rdx,%rdx
    2025:	mov    $0x40,%edx
    202a:	cltq
    202c:	cmove  %rdx,%rax
    2030:	movzwl 0x2(%rbx),%edx
    2034:	add    $0x6,%rbx
    2038:	mov    %rax,0x0(%rbp,%rdx,8)
    203d:	movzwl (%rbx),%edx
    2040:	lea    0x0(%rip),%rax        # 2047 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1a47>
    2047:	jmp    *(%rax,%rdx,8)
    204a:	movzwl 0x4(%rbx),%eax
    204e:	mov    0x0(%rbp,%rax,8),%rdx
    2053:	mov    $0x40,%eax
    2058:	test   %rdx,%rdx
    205b:	je     2064 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1a64>
    205d:	bsr    %rdx,%rax
    2061:	xor    $0x3f,%eax
    2064:	movzwl 0x2(%rbx),%edx
    2068:	add    $0x6,%rbx
    206c:	mov    %rax,0x0(%rbp,%rdx,8)
    2071:	movzwl (%rbx),%edx
    2074:	lea    0x0(%rip),%rax        # 207b <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1a7b>
    207b:	jmp    *(%rax,%rdx,8)
    207e:	movzwl 0x6(%rbx),%eax
    2082:	movzwl 0x4(%rbx),%edx
    2086:	movzwl 0x2(%rbx),%ecx
    208a:	mov    0x0(%rbp,%rdx,8),%rdx
    208f:	mov    0x0(%rbp,%rax,8),%rax
    2094:	cmp    %rdx,%rax
    2097:	cmovb  %rdx,%rax
    209b:	movzwl 0x8(%rbx),%edx
    209f:	add    $0x8,%rbx
    20a3:	mov    %rax,0x0(%rbp,%rcx,8)
    20a8:	lea    0x0(%rip),%rax        # 20af <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1aaf>
    20af:	jmp    *(%rax,%rdx,8)
    20b2:	movzwl 0x4(%rbx),%eax
    20b6:	movzwl 0x6(%rbx),%edx
    20ba:	movzwl 0x2(%rbx),%ecx
    20be:	mov    0x0(%rbp,%rdx,8),%rdx
    20c3:	mov    0x0(%rbp,%rax,8),%rax
    20c8:	cmp    %rdx,%rax
    20cb:	cmova  %rdx,%rax
    20cf:	movzwl 0x8(%rbx),%edx
    20d3:	add    $0x8,%rbx
    20d7:	mov    %rax,0x0(%rbp,%rcx,8)
    20dc:	lea    0x0(%rip),%rax        # 20e3 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1ae3>
    20e3:	jmp    *(%rax,%rdx,8)
    20e6:	movzwl 0x6(%rbx),%eax
    20ea:	movzwl 0x4(%rbx),%edx
    20ee:	movzwl 0x2(%rbx),%ecx
    20f2:	mov    0x0(%rbp,%rdx,8),%rdx
    20f7:	mov    0x0(%rbp,%rax,8),%rax
    20fc:	cmp    %rdx,%rax
    20ff:	cmovl  %rdx,%rax
    2103:	movzwl 0x8(%rbx),%edx
    2107:	add    $0x8,%rbx
    210b:	mov    %rax,0x0(%rbp,%rcx,8)
    2110:	lea    0x0(%rip),%rax        # 2117 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1b17>
    2117:	jmp    *(%rax,%rdx,8)
    211a:	movzwl 0x6(%rbx),%eax
    211e:	movzwl 0x4(%rbx),%edx
    2122:	movzwl 0x2(%rbx),%ecx
    2126:	mov    0x0(%rbp,%rdx,8),%rdx
    212b:	mov    0x0(%rbp,%rax,8),%rax
    2130:	cmp    %rdx,%rax
    2133:	cmovg  %rdx,%rax
    2137:	movzwl 0x8(%rbx),%edx
    213b:	add    $0x8,%rbx
    213f:	mov    %rax,0x0(%rbp,%rcx,8)
    2144:	lea    0x0(%rip),%rax        # 214b <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1b4b>
    214b:	jmp    *(%rax,%rdx,8)
    214e:	movzwl 0x4(%rbx),%eax
    2152:	movzwl 0x6(%rbx),%ecx
    2156:	add    $0x8,%rbx
    215a:	movzwl -0x6(%rbx),%edx
    215e:	mov    0x0(%rbp,%rcx,8),%rcx
    2163:	mov    0x0(%rbp,%rax,8),%rax
    2168:	shr    %cl,%rax
    216b:	mov    %rax,0x0(%rbp,%rdx,8)
    2170:	movzwl (%rbx),%edx
    2173:	lea    0x0(%rip),%rax        # 217a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1b7a>
    217a:	jmp    *(%rax,%rdx,8)
    217d:	movzwl 0x4(%rbx),%eax
    2181:	movzwl 0x6(%rbx),%ecx
    2185:	add    $0x8,%rbx
    2189:	movzwl -0x6(%rbx),%edx
    218d:	mov    0x0(%rbp,%rcx,8),%rcx
    2192:	mov    0x0(%rbp,%rax,8),%rax
    2197:	sar    %cl,%rax
    219a:	mov    %rax,0x0(%rbp,%rdx,8)
    219f:	movzwl (%rbx),%edx
    21a2:	lea    0x0(%rip),%rax        # 21a9 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1ba9>
    21a9:	jmp    *(%rax,%rdx,8)
    21ac:	movzwl 0x4(%rbx),%eax
    21b0:	movzwl 0x6(%rbx),%ecx
    21b4:	add    $0x8,%rbx
    21b8:	movzwl -0x6(%rbx),%edx
    21bc:	mov    0x0(%rbp,%rcx,8),%rcx
    21c1:	mov    0x0(%rbp,%rax,8),%rax
    21c6:	shl    %cl,%rax
    21c9:	mov    %rax,0x0(%rbp,%rdx,8)
    21ce:	movzwl (%rbx),%edx
    21d1:	lea    0x0(%rip),%rax        # 21d8 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1bd8>
    21d8:	jmp    *(%rax,%rdx,8)
    21db:	movzwl 0x6(%rbx),%eax
    21df:	movzwl 0x4(%rbx),%ecx
    21e3:	add    $0x8,%rbx
    21e7:	movzwl -0x6(%rbx),%edx
    21eb:	mov    0x0(%rbp,%rax,8),%rax
    21f0:	xor    0x0(%rbp,%rcx,8),%rax
    21f5:	mov    %rax,0x0(%rbp,%rdx,8)
    21fa:	movzwl (%rbx),%edx
    21fd:	lea    0x0(%rip),%rax        # 2204 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1c04>
    2204:	jmp    *(%rax,%rdx,8)
    2207:	movzwl 0x6(%rbx),%eax
    220b:	movzwl 0x4(%rbx),%ecx
    220f:	add    $0x8,%rbx
    2213:	movzwl -0x6(%rbx),%edx
    2217:	mov    0x0(%rbp,%rax,8),%rax
    221c:	or     0x0(%rbp,%rcx,8),%rax
    2221:	mov    %rax,0x0(%rbp,%rdx,8)
    2226:	movzwl (%rbx),%edx
    2229:	lea    0x0(%rip),%rax        # 2230 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1c30>
    2230:	jmp    *(%rax,%rdx,8)
    2233:	movzwl 0x6(%rbx),%eax
    2237:	movzwl 0x4(%rbx),%ecx
    223b:	add    $0x8,%rbx
    223f:	movzwl -0x6(%rbx),%edx
    2243:	mov    0x0(%rbp,%rax,8),%rax
    2248:	and    0x0(%rbp,%rcx,8),%rax
    224d:	mov    %rax,0x0(%rbp,%rdx,8)
    2252:	movzwl (%rbx),%edx
    2255:	lea    0x0(%rip),%rax        # 225c <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1c5c>
    225c:	jmp    *(%rax,%rdx,8)
    225f:	movzwl 0x6(%rbx),%edx
    2263:	movzwl 0x4(%rbx),%eax
    2267:	mov    0x0(%rbp,%rdx,8),%rcx
    226c:	mov    0x0(%rbp,%rax,8),%rax
    2271:	test   %rcx,%rcx
    2274:	je     227a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1c7a>
    227a:	xor    %edx,%edx
    227c:	movzwl 0x2(%rbx),%esi
    2280:	add    $0x8,%rbx
    2284:	div    %rcx
    2287:	lea    0x0(%rip),%rax        # 228e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1c8e>
    228e:	mov    %rdx,0x0(%rbp,%rsi,8)
    2293:	movzwl (%rbx),%edx
    2296:	jmp    *(%rax,%rdx,8)
    2299:	movzwl 0x6(%rbx),%edx
    229d:	movzwl 0x4(%rbx),%eax
    22a1:	mov    0x0(%rbp,%rdx,8),%rcx
    22a6:	mov    0x0(%rbp,%rax,8),%rax
    22ab:	test   %rcx,%rcx
    22ae:	je     22b4 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1cb4>
    22b4:	xor    %edx,%edx
    22b6:	cmp    $0xffffffffffffffff,%rcx
    22ba:	je     22c1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1cc1>
    22bc:	cqto
    22be:	idiv   %rcx
    22c1:	movzwl 0x2(%rbx),%eax
    22c5:	mov    %rdx,0x0(%rbp,%rax,8)
    22ca:	movzwl 0x8(%rbx),%edx
    22ce:	lea    0x0(%rip),%rax        # 22d5 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1cd5>
    22d5:	add    $0x8,%rbx
    22d9:	jmp    *(%rax,%rdx,8)
    22dc:	movzwl 0x6(%rbx),%edx
    22e0:	movzwl 0x4(%rbx),%eax
    22e4:	mov    0x0(%rbp,%rdx,8),%rcx
    22e9:	mov    0x0(%rbp,%rax,8),%rax
    22ee:	test   %rcx,%rcx
    22f1:	je     22f7 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1cf7>
    22f7:	xor    %edx,%edx
    22f9:	movzwl 0x2(%rbx),%esi
    22fd:	add    $0x8,%rbx
    2301:	div    %rcx
    2304:	movzwl (%rbx),%edx
    2307:	mov    %rax,0x0(%rbp,%rsi,8)
    230c:	lea    0x0(%rip),%rax        # 2313 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1d13>
    2313:	jmp    *(%rax,%rdx,8)
    2316:	movzwl 0x6(%rbx),%edx
    231a:	movzwl 0x4(%rbx),%eax
    231e:	mov    0x0(%rbp,%rdx,8),%rcx
    2323:	mov    0x0(%rbp,%rax,8),%rax
    2328:	test   %rcx,%rcx
    232b:	je     2331 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1d31>
    2331:	cmp    $0xffffffffffffffff,%rcx
    2335:	je     36db <_ZN4iree2vm9interpretERNS0_10InvocationE+0x30db>
    233b:	cqto
    233d:	movzwl 0x2(%rbx),%esi
    2341:	add    $0x8,%rbx
    2345:	idiv   %rcx
    2348:	movzwl (%rbx),%edx
    234b:	mov    %rax,0x0(%rbp,%rsi,8)
    2350:	lea    0x0(%rip),%rax        # 2357 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1d57>
    2357:	jmp    *(%rax,%rdx,8)
    235a:	movzwl 0x6(%rbx),%eax
    235e:	movzwl 0x4(%rbx),%ecx
    2362:	add    $0x8,%rbx
    2366:	movzwl -0x6(%rbx),%edx
    236a:	mov    0x0(%rbp,%rax,8),%rax
    236f:	imul   0x0(%rbp,%rcx,8),%rax
    2375:	mov    %rax,0x0(%rbp,%rdx,8)
    237a:	movzwl (%rbx),%edx
    237d:	lea    0x0(%rip),%rax        # 2384 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1d84>
    2384:	jmp    *(%rax,%rdx,8)
    2387:	movzwl 0x4(%rbx),%eax
    238b:	movzwl 0x6(%rbx),%ecx
    238f:	add    $0x8,%rbx
    2393:	movzwl -0x6(%rbx),%edx
    2397:	mov    0x0(%rbp,%rax,8),%rax
    239c:	sub    0x0(%rbp,%rcx,8),%rax
    23a1:	mov    %rax,0x0(%rbp,%rdx,8)
    23a6:	movzwl (%rbx),%edx
    23a9:	lea    0x0(%rip),%rax        # 23b0 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1db0>
    23b0:	jmp    *(%rax,%rdx,8)
    23b3:	movzwl 0x6(%rbx),%ecx
    23b7:	movzwl 0x4(%rbx),%eax
    23bb:	add    $0x8,%rbx
    23bf:	movzwl -0x6(%rbx),%edx
    23c3:	mov    0x0(%rbp,%rax,8),%rax
    23c8:	add    0x0(%rbp,%rcx,8),%rax
    23cd:	mov    %rax,0x0(%rbp,%rdx,8)
    23d2:	movzwl (%rbx),%edx
    23d5:	lea    0x0(%rip),%rax        # 23dc <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1ddc>
    23dc:	jmp    *(%rax,%rdx,8)
    23df:	movzwl 0x4(%rbx),%eax
    23e3:	xor    %edi,%edi
    23e5:	mov    0x0(%rbp,%rax,8),%ecx
    23e9:	movzwl 0x6(%rbx),%eax
    23ed:	mov    0x0(%rbp,%rax,8),%esi
    23f1:	movzwl 0x2(%rbx),%eax
    23f5:	cmp    %ecx,%esi
    23f7:	mov    %rax,%rdx
    23fa:	setae  %dil
    23fe:	mov    %edi,0x0(%rbp,%rax,8)
    2402:	movzwl 0x8(%rbx),%eax
    2406:	cmp    $0x1,%ax
    240a:	je     36f8 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x30f8>
    2410:	lea    0x0(%rip),%rdx        # 2417 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1e17>
    2417:	add    $0x8,%rbx
    241b:	jmp    *(%rdx,%rax,8)
    241e:	movzwl 0x4(%rbx),%eax
    2422:	xor    %edi,%edi
    2424:	mov    0x0(%rbp,%rax,8),%esi
    2428:	movzwl 0x6(%rbx),%eax
    242c:	mov    0x0(%rbp,%rax,8),%ecx
    2430:	movzwl 0x2(%rbx),%eax
    2434:	cmp    %ecx,%esi
    2436:	mov    %rax,%rdx
    2439:	setb   %dil
    243d:	mov    %edi,0x0(%rbp,%rax,8)
    2441:	movzwl 0x8(%rbx),%eax
    2445:	cmp    $0x1,%ax
    2449:	je     38b5 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x32b5>
    244f:	lea    0x0(%rip),%rdx        # 2456 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1e56>
    2456:	add    $0x8,%rbx
    245a:	jmp    *(%rdx,%rax,8)
    245d:	movzwl 0x4(%rbx),%eax
    2461:	xor    %edi,%edi
    2463:	mov    0x0(%rbp,%rax,8),%ecx
    2467:	movzwl 0x6(%rbx),%eax
    246b:	mov    0x0(%rbp,%rax,8),%esi
    246f:	movzwl 0x2(%rbx),%eax
    2473:	cmp    %ecx,%esi
    2475:	mov    %rax,%rdx
    2478:	setge  %dil
    247c:	mov    %edi,0x0(%rbp,%rax,8)
    2480:	movzwl 0x8(%rbx),%eax
    2484:	cmp    $0x1,%ax
    2488:	je     3872 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3272>
    248e:	lea    0x0(%rip),%rdx        # 2495 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1e95>
    2495:	add    $0x8,%rbx
    2499:	jmp    *(%rdx,%rax,8)
    249c:	movzwl 0x4(%rbx),%eax
    24a0:	xor    %edi,%edi
    24a2:	mov    0x0(%rbp,%rax,8),%ecx
    24a6:	movzwl 0x6(%rbx),%eax
    24aa:	mov    0x0(%rbp,%rax,8),%esi
    24ae:	movzwl 0x2(%rbx),%eax
    24b2:	cmp    %ecx,%esi
    24b4:	mov    %rax,%rdx
    24b7:	setg   %dil
    24bb:	mov    %edi,0x0(%rbp,%rax,8)
    24bf:	movzwl 0x8(%rbx),%eax
    24c3:	cmp    $0x1,%ax
    24c7:	je     3655 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3055>
    24cd:	lea    0x0(%rip),%rdx        # 24d4 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1ed4>
    24d4:	add    $0x8,%rbx
    24d8:	jmp    *(%rdx,%rax,8)
    24db:	movzwl 0x4(%rbx),%eax
    24df:	xor    %edi,%edi
    24e1:	mov    0x0(%rbp,%rax,8),%ecx
    24e5:	movzwl 0x6(%rbx),%eax
    24e9:	mov    0x0(%rbp,%rax,8),%esi
    24ed:	movzwl 0x2(%rbx),%eax
    24f1:	cmp    %ecx,%esi
    24f3:	mov    %rax,%rdx
    24f6:	setne  %dil
    24fa:	mov    %edi,0x0(%rbp,%rax,8)
    24fe:	movzwl 0x8(%rbx),%eax
    2502:	cmp    $0x1,%ax
    2506:	je     373b <_ZN4iree2vm9interpretERNS0_10InvocationE+0x313b>
    250c:	lea    0x0(%rip),%rdx        # 2513 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1f13>
    2513:	add    $0x8,%rbx
    2517:	jmp    *(%rdx,%rax,8)
    251a:	movzwl 0x4(%rbx),%eax
    251e:	xor    %edi,%edi
    2520:	mov    0x0(%rbp,%rax,8),%ecx
    2524:	movzwl 0x6(%rbx),%eax
    2528:	mov    0x0(%rbp,%rax,8),%esi
    252c:	movzwl 0x2(%rbx),%eax
    2530:	cmp    %ecx,%esi
    2532:	mov    %rax,%rdx
    2535:	sete   %dil
    2539:	mov    %edi,0x0(%rbp,%rax,8)
    253d:	movzwl 0x8(%rbx),%eax
    2541:	cmp    $0x1,%ax
    2545:	je     3698 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3098>
    254b:	lea    0x0(%rip),%rdx        # 2552 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1f52>
    2552:	add    $0x8,%rbx
    2556:	jmp    *(%rdx,%rax,8)
    2559:	movzwl 0x4(%rbx),%eax
    255d:	add    $0x6,%rbx
    2561:	mov    0x0(%rbp,%rax,8),%edi
    2565:	call   256a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1f6a>
    256a:	mov    %eax,%edx
    256c:	movzwl -0x4(%rbx),%eax
    2570:	mov    %edx,0x0(%rbp,%rax,8)
    2574:	movzwl (%rbx),%edx
    2577:	lea    0x0(%rip),%rax        # 257e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1f7e>
    257e:	jmp    *(%rax,%rdx,8)
    2581:	movzwl 0x4(%rbx),%eax
    2585:	mov    0x0(%rbp,%rax,8),%edx
    2589:	xor    %eax,%eax
    258b:	tzcnt  %edx,%eax
    258f:	test   %edx,%edx
    2591:	mov    $0x20,%edx
    2596:	cmove  %edx,%eax
    2599:	movzwl 0x2(%rbx),%edx
    259d:	add    $0x6,%rbx
    25a1:	mov    %eax,0x0(%rbp,%rdx,8)
    25a5:	movzwl (%rbx),%edx
    25a8:	lea    0x0(%rip),%rax        # 25af <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1faf>
    25af:	jmp    *(%rax,%rdx,8)
    25b2:	movzwl 0x4(%rbx),%eax
    25b6:	mov    0x0(%rbp,%rax,8),%edx
    25ba:	mov    $0x20,%eax
    25bf:	test   %edx,%edx
    25c1:	je     25c9 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1fc9>
    25c3:	bsr    %edx,%eax
    25c6:	xor    $0x1f,%eax
    25c9:	movzwl 0x2(%rbx),%edx
    25cd:	add    $0x6,%rbx
    25d1:	mov    %eax,0x0(%rbp,%rdx,8)
    25d5:	movzwl (%rbx),%edx
    25d8:	lea    0x0(%rip),%rax        # 25df <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1fdf>
    25df:	jmp    *(%rax,%rdx,8)
    25e2:	movzwl 0x4(%rbx),%edx
    25e6:	movzwl 0x6(%rbx),%eax
    25ea:	movzwl 0x2(%rbx),%ecx
    25ee:	mov    0x0(%rbp,%rdx,8),%edx
    25f2:	mov    0x0(%rbp,%rax,8),%eax
    25f6:	cmp    %edx,%eax
    25f8:	cmovb  %edx,%eax
    25fb:	movzwl 0x8(%rbx),%edx
    25ff:	add    $0x8,%rbx
    2603:	mov    %eax,0x0(%rbp,%rcx,8)
    2607:	lea    0x0(%rip),%rax        # 260e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x200e>
    260e:	jmp    *(%rax,%rdx,8)
    2611:	movzwl 0x4(%rbx),%edx
    2615:	movzwl 0x6(%rbx),%eax
    2619:	movzwl 0x2(%rbx),%ecx
    261d:	mov    0x0(%rbp,%rdx,8),%edx
    2621:	mov    0x0(%rbp,%rax,8),%eax
    2625:	cmp    %edx,%eax
    2627:	cmova  %edx,%eax
    262a:	movzwl 0x8(%rbx),%edx
    262e:	add    $0x8,%rbx
    2632:	mov    %eax,0x0(%rbp,%rcx,8)
    2636:	lea    0x0(%rip),%rax        # 263d <_ZN4iree2vm9interpretERNS0_10InvocationE+0x203d>
    263d:	jmp    *(%rax,%rdx,8)
    2640:	movzwl 0x4(%rbx),%edx
    2644:	movzwl 0x6(%rbx),%eax
    2648:	movzwl 0x2(%rbx),%ecx
    264c:	mov    0x0(%rbp,%rdx,8),%edx
    2650:	mov    0x0(%rbp,%rax,8),%eax
    2654:	cmp    %edx,%eax
    2656:	cmovl  %edx,%eax
    2659:	movzwl 0x8(%rbx),%edx
    265d:	add    $0x8,%rbx
    2661:	mov    %eax,0x0(%rbp,%rcx,8)
    2665:	lea    0x0(%rip),%rax        # 266c <_ZN4iree2vm9interpretERNS0_10InvocationE+0x206c>
    266c:	jmp    *(%rax,%rdx,8)
    266f:	movzwl 0x4(%rbx),%edx
    2673:	movzwl 0x6(%rbx),%eax
    2677:	movzwl 0x2(%rbx),%ecx
    267b:	mov    0x0(%rbp,%rdx,8),%edx
    267f:	mov    0x0(%rbp,%rax,8),%eax
    2683:	cmp    %edx,%eax
    2685:	cmovg  %edx,%eax
    2688:	movzwl 0x8(%rbx),%edx
    268c:	add    $0x8,%rbx
    2690:	mov    %eax,0x0(%rbp,%rcx,8)
    2694:	lea    0x0(%rip),%rax        # 269b <_ZN4iree2vm9interpretERNS0_10InvocationE+0x209b>
    269b:	jmp    *(%rax,%rdx,8)
    269e:	movzwl 0x4(%rbx),%eax
    26a2:	movzwl 0x6(%rbx),%ecx
    26a6:	add    $0x8,%rbx
    26aa:	movzwl -0x6(%rbx),%edx
    26ae:	mov    0x0(%rbp,%rax,8),%eax
    26b2:	mov    0x0(%rbp,%rcx,8),%ecx
    26b6:	shr    %cl,%eax
    26b8:	mov    %eax,0x0(%rbp,%rdx,8)
    26bc:	movzwl (%rbx),%edx
    26bf:	lea    0x0(%rip),%rax        # 26c6 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x20c6>
    26c6:	jmp    *(%rax,%rdx,8)
    26c9:	movzwl 0x4(%rbx),%eax
    26cd:	movzwl 0x6(%rbx),%ecx
    26d1:	add    $0x8,%rbx
    26d5:	movzwl -0x6(%rbx),%edx
    26d9:	mov    0x0(%rbp,%rax,8),%eax
    26dd:	mov    0x0(%rbp,%rcx,8),%ecx
    26e1:	sar    %cl,%eax
    26e3:	mov    %eax,0x0(%rbp,%rdx,8)
    26e7:	movzwl (%rbx),%edx
    26ea:	lea    0x0(%rip),%rax        # 26f1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x20f1>
    26f1:	jmp    *(%rax,%rdx,8)
    26f4:	movzwl 0x4(%rbx),%eax
    26f8:	movzwl 0x6(%rbx),%ecx
    26fc:	add    $0x8,%rbx
    2700:	movzwl -0x6(%rbx),%edx
    2704:	mov    0x0(%rbp,%rax,8),%eax
    2708:	mov    0x0(%rbp,%rcx,8),%ecx
    270c:	shl    %cl,%eax
    270e:	mov    %eax,0x0(%rbp,%rdx,8)
    2712:	movzwl (%rbx),%edx
    2715:	lea    0x0(%rip),%rax        # 271c <_ZN4iree2vm9interpretERNS0_10InvocationE+0x211c>
    271c:	jmp    *(%rax,%rdx,8)
    271f:	movzwl 0x4(%rbx),%eax
    2723:	movzwl 0x6(%rbx),%ecx
    2727:	add    $0x8,%rbx
    272b:	movzwl -0x6(%rbx),%edx
    272f:	mov    0x0(%rbp,%rax,8),%eax
    2733:	xor    0x0(%rbp,%rcx,8),%eax
    2737:	mov    %eax,0x0(%rbp,%rdx,8)
    273b:	movzwl (%rbx),%edx
    273e:	lea    0x0(%rip),%rax        # 2745 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2145>
    2745:	jmp    *(%rax,%rdx,8)
    2748:	movzwl 0x4(%rbx),%eax
    274c:	movzwl 0x6(%rbx),%ecx
    2750:	add    $0x8,%rbx
    2754:	movzwl -0x6(%rbx),%edx
    2758:	mov    0x0(%rbp,%rax,8),%eax
    275c:	or     0x0(%rbp,%rcx,8),%eax
    2760:	mov    %eax,0x0(%rbp,%rdx,8)
    2764:	movzwl (%rbx),%edx
    2767:	lea    0x0(%rip),%rax        # 276e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x216e>
    276e:	jmp    *(%rax,%rdx,8)
    2771:	movzwl 0x4(%rbx),%eax
    2775:	movzwl 0x6(%rbx),%ecx
    2779:	add    $0x8,%rbx
    277d:	movzwl -0x6(%rbx),%edx
    2781:	mov    0x0(%rbp,%rax,8),%eax
    2785:	and    0x0(%rbp,%rcx,8),%eax
    2789:	mov    %eax,0x0(%rbp,%rdx,8)
    278d:	movzwl (%rbx),%edx
    2790:	lea    0x0(%rip),%rax        # 2797 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2197>
    2797:	jmp    *(%rax,%rdx,8)
    279a:	movzwl 0x6(%rbx),%edx
    279e:	movzwl 0x4(%rbx),%eax
    27a2:	mov    0x0(%rbp,%rdx,8),%ecx
    27a6:	mov    0x0(%rbp,%rax,8),%eax
    27aa:	test   %ecx,%ecx
    27ac:	je     27b2 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x21b2>
    27b2:	xor    %edx,%edx
    27b4:	movzwl 0x2(%rbx),%esi
    27b8:	add    $0x8,%rbx
    27bc:	div    %ecx
    27be:	lea    0x0(%rip),%rax        # 27c5 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x21c5>
    27c5:	mov    %edx,0x0(%rbp,%rsi,8)
    27c9:	movzwl (%rbx),%edx
    27cc:	jmp    *(%rax,%rdx,8)
    27cf:	movzwl 0x6(%rbx),%edx
    27d3:	movzwl 0x4(%rbx),%eax
    27d7:	mov    0x0(%rbp,%rdx,8),%ecx
    27db:	mov    0x0(%rbp,%rax,8),%eax
    27df:	test   %ecx,%ecx
    27e1:	je     27e7 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x21e7>
    27e7:	xor    %edx,%edx
    27e9:	cmp    $0xffffffff,%ecx
    27ec:	je     27f1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x21f1>
    27ee:	cltd
    27ef:	idiv   %ecx
    27f1:	movzwl 0x2(%rbx),%eax
    27f5:	mov    %edx,0x0(%rbp,%rax,8)
    27f9:	movzwl 0x8(%rbx),%edx
    27fd:	lea    0x0(%rip),%rax        # 2804 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2204>
    2804:	add    $0x8,%rbx
    2808:	jmp    *(%rax,%rdx,8)
    280b:	movzwl 0x6(%rbx),%edx
    280f:	movzwl 0x4(%rbx),%eax
    2813:	mov    0x0(%rbp,%rdx,8),%ecx
    2817:	mov    0x0(%rbp,%rax,8),%eax
    281b:	test   %ecx,%ecx
    281d:	je     2823 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2223>
    2823:	xor    %edx,%edx
    2825:	movzwl 0x2(%rbx),%esi
    2829:	add    $0x8,%rbx
    282d:	div    %ecx
    282f:	movzwl (%rbx),%edx
    2832:	mov    %eax,0x0(%rbp,%rsi,8)
    2836:	lea    0x0(%rip),%rax        # 283d <_ZN4iree2vm9interpretERNS0_10InvocationE+0x223d>
    283d:	jmp    *(%rax,%rdx,8)
    2840:	movzwl 0x6(%rbx),%edx
    2844:	movzwl 0x4(%rbx),%eax
    2848:	mov    0x0(%rbp,%rdx,8),%ecx
    284c:	mov    0x0(%rbp,%rax,8),%eax
    2850:	test   %ecx,%ecx
    2852:	je     2858 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2258>
    2858:	cmp    $0xffffffff,%ecx
    285b:	je     35bd <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2fbd>
    2861:	cltd
    2862:	movzwl 0x2(%rbx),%esi
    2866:	add    $0x8,%rbx
    286a:	idiv   %ecx
    286c:	movzwl (%rbx),%edx
    286f:	mov    %eax,0x0(%rbp,%rsi,8)
    2873:	lea    0x0(%rip),%rax        # 287a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x227a>
    287a:	jmp    *(%rax,%rdx,8)
    287d:	movzwl 0x4(%rbx),%ecx
    2881:	movzwl 0x6(%rbx),%eax
    2885:	add    $0x8,%rbx
    2889:	movzwl -0x6(%rbx),%edx
    288d:	mov    0x0(%rbp,%rax,8),%eax
    2891:	imul   0x0(%rbp,%rcx,8),%eax
    2896:	mov    %eax,0x0(%rbp,%rdx,8)
    289a:	movzwl (%rbx),%edx
    289d:	lea    0x0(%rip),%rax        # 28a4 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x22a4>
    28a4:	jmp    *(%rax,%rdx,8)
    28a7:	movzwl 0x4(%rbx),%eax
    28ab:	movzwl 0x6(%rbx),%ecx
    28af:	add    $0x8,%rbx
    28b3:	movzwl -0x6(%rbx),%edx
    28b7:	mov    0x0(%rbp,%rax,8),%eax
    28bb:	sub    0x0(%rbp,%rcx,8),%eax
    28bf:	mov    %eax,0x0(%rbp,%rdx,8)
    28c3:	movzwl (%rbx),%edx
    28c6:	lea    0x0(%rip),%rax        # 28cd <_ZN4iree2vm9interpretERNS0_10InvocationE+0x22cd>
    28cd:	jmp    *(%rax,%rdx,8)
    28d0:	movzwl 0x4(%rbx),%ecx
    28d4:	movzwl 0x6(%rbx),%eax
    28d8:	add    $0x8,%rbx
    28dc:	movzwl -0x6(%rbx),%edx
    28e0:	mov    0x0(%rbp,%rax,8),%eax
    28e4:	add    0x0(%rbp,%rcx,8),%eax
    28e8:	mov    %eax,0x0(%rbp,%rdx,8)
    28ec:	movzwl (%rbx),%edx
    28ef:	lea    0x0(%rip),%rax        # 28f6 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x22f6>
    28f6:	jmp    *(%rax,%rdx,8)
    28f9:	mov    0x4(%rbx),%eax
    28fc:	mov    0x10(%r13),%rdx
    2900:	shl    $0x4,%rax
    2904:	add    0x78(%rdx),%rax
    2908:	mov    (%rax),%rdx
    290b:	mov    0x8(%rax),%esi
    290e:	mov    %rdx,0x30(%rsp)
    2913:	mov    %esi,0x38(%rsp)
    2917:	test   %rdx,%rdx
    291a:	je     2920 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2320>
    291c:	lock addl $0x1,(%rdx)
    2920:	movzwl 0x2(%rbx),%eax
    2924:	shl    $0x4,%rax
    2928:	add    0x28(%r12),%rax
    292d:	mov    (%rax),%rcx
    2930:	mov    %esi,0x8(%rax)
    2933:	mov    %rdx,(%rax)
    2936:	test   %rcx,%rcx
    2939:	je     2947 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2347>
    293b:	lock subl $0x1,(%rcx)
    293f:	jne    2947 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2347>
    2941:	mov    %rcx,%rdi
    2944:	call   *0x8(%rcx)
    2947:	movzwl 0x8(%rbx),%edx
    294b:	lea    0x0(%rip),%rax        # 2952 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2352>
    2952:	add    $0x8,%rbx
    2956:	jmp    *(%rax,%rdx,8)
    2959:	mov    0x10(%r13),%rsi
    295d:	mov    0x2(%rbx),%eax
    2960:	movzwl 0x6(%rbx),%edx
    2964:	mov    0x10(%rsi),%rdi
    2968:	mov    %rax,%rcx
    296b:	shl    $0x5,%rcx
    296f:	shl    $0x4,%rdx
    2973:	add    0x28(%r12),%rdx
    2978:	add    0x78(%rdi),%rcx
    297c:	mov    0x14(%rcx),%r8d
    2980:	test   %r8d,%r8d
    2983:	je     3b50 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3550>
    2989:	mov    (%rdx),%rcx
    298c:	mov    0x8(%rdx),%edi
    298f:	test   %rcx,%rcx
    2992:	je     3c10 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3610>
    2998:	cmp    %r8d,%edi
    299b:	jne    29a1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x23a1>
    29a1:	mov    %rcx,0x30(%rsp)
    29a6:	mov    %edi,0x38(%rsp)
    29aa:	lock addl $0x1,(%rcx)
    29ae:	mov    0x10(%r13),%rsi
    29b2:	shl    $0x4,%rax
    29b6:	add    0x60(%rsi),%rax
    29ba:	mov    (%rax),%rdx
    29bd:	mov    %edi,0x8(%rax)
    29c0:	mov    %rcx,(%rax)
    29c3:	test   %rdx,%rdx
    29c6:	je     29d4 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x23d4>
    29c8:	lock subl $0x1,(%rdx)
    29cc:	jne    29d4 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x23d4>
    29ce:	mov    %rdx,%rdi
    29d1:	call   *0x8(%rdx)
    29d4:	movzwl 0x8(%rbx),%edx
    29d8:	lea    0x0(%rip),%rax        # 29df <_ZN4iree2vm9interpretERNS0_10InvocationE+0x23df>
    29df:	add    $0x8,%rbx
    29e3:	jmp    *(%rax,%rdx,8)
    29e6:	mov    0x4(%rbx),%eax
    29e9:	mov    0x10(%r13),%rdx
    29ed:	shl    $0x4,%rax
    29f1:	add    0x60(%rdx),%rax
    29f5:	mov    (%rax),%rdx
    29f8:	mov    0x8(%rax),%esi
    29fb:	mov    %rdx,0x30(%rsp)
    2a00:	mov    %esi,0x38(%rsp)
    2a04:	test   %rdx,%rdx
    2a07:	je     2a0d <_ZN4iree2vm9interpretERNS0_10InvocationE+0x240d>
    2a09:	lock addl $0x1,(%rdx)
    2a0d:	movzwl 0x2(%rbx),%eax
    2a11:	shl    $0x4,%rax
    2a15:	add    0x28(%r12),%rax
    2a1a:	mov    (%rax),%rcx
    2a1d:	mov    %esi,0x8(%rax)
    2a20:	mov    %rdx,(%rax)
    2a23:	test   %rcx,%rcx
    2a26:	je     2a34 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2434>
    2a28:	lock subl $0x1,(%rcx)
    2a2c:	jne    2a34 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2434>
    2a2e:	mov    %rcx,%rdi
    2a31:	call   *0x8(%rcx)
    2a34:	movzwl 0x8(%rbx),%edx
    2a38:	lea    0x0(%rip),%rax        # 2a3f <_ZN4iree2vm9interpretERNS0_10InvocationE+0x243f>
    2a3f:	add    $0x8,%rbx
    2a43:	jmp    *(%rax,%rdx,8)
    2a46:	movzwl 0x4(%rbx),%eax
    2a4a:	movzwl 0x2(%rbx),%edx
    2a4e:	shl    $0x4,%rax
    2a52:	add    0x28(%r12),%rax
    2a57:	cmpq   $0x0,(%rax)
    2a5b:	sete   %al
    2a5e:	add    $0x6,%rbx
    2a62:	movzbl %al,%eax
    2a65:	mov    %eax,0x0(%rbp,%rdx,8)
    2a69:	movzwl (%rbx),%edx
    2a6c:	lea    0x0(%rip),%rax        # 2a73 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2473>
    2a73:	jmp    *(%rax,%rdx,8)
    2a76:	movzwl 0x4(%rbx),%edx
    2a7a:	movzwl 0x6(%rbx),%eax
    2a7e:	mov    0x28(%r12),%rcx
    2a83:	movzwl 0x2(%rbx),%esi
    2a87:	shl    $0x4,%rdx
    2a8b:	shl    $0x4,%rax
    2a8f:	mov    (%rcx,%rax,1),%rax
    2a93:	cmp    %rax,(%rcx,%rdx,1)
    2a97:	sete   %al
    2a9a:	movzwl 0x8(%rbx),%edx
    2a9e:	add    $0x8,%rbx
    2aa2:	movzbl %al,%eax
    2aa5:	mov    %eax,0x0(%rbp,%rsi,8)
    2aa9:	lea    0x0(%rip),%rax        # 2ab0 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x24b0>
    2ab0:	jmp    *(%rax,%rdx,8)
    2ab3:	movzwl 0x4(%rbx),%edx
    2ab7:	mov    0x28(%r12),%rax
    2abc:	mov    0x0(%rbp,%rdx,8),%edx
    2ac0:	test   %edx,%edx
    2ac2:	je     3604 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3004>
    2ac8:	movzwl 0x6(%rbx),%edx
    2acc:	shl    $0x4,%rdx
    2ad0:	add    %rax,%rdx
    2ad3:	mov    (%rdx),%rcx
    2ad6:	mov    0x8(%rdx),%esi
    2ad9:	mov    %rcx,0x30(%rsp)
    2ade:	mov    %esi,0x38(%rsp)
    2ae2:	test   %rcx,%rcx
    2ae5:	je     2af0 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x24f0>
    2ae7:	lock addl $0x1,(%rcx)
    2aeb:	mov    0x28(%r12),%rax
    2af0:	movzwl 0x2(%rbx),%edx
    2af4:	shl    $0x4,%rdx
    2af8:	add    %rdx,%rax
    2afb:	mov    (%rax),%rdx
    2afe:	mov    %esi,0x8(%rax)
    2b01:	mov    %rcx,(%rax)
    2b04:	test   %rdx,%rdx
    2b07:	je     2b15 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2515>
    2b09:	lock subl $0x1,(%rdx)
    2b0d:	jne    2b15 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2515>
    2b0f:	mov    %rdx,%rdi
    2b12:	call   *0x8(%rdx)
    2b15:	movzwl 0xa(%rbx),%edx
    2b19:	lea    0x0(%rip),%rax        # 2b20 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2520>
    2b20:	add    $0xa,%rbx
    2b24:	jmp    *(%rax,%rdx,8)
    2b27:	movzwl 0x4(%rbx),%eax
    2b2b:	shl    $0x4,%rax
    2b2f:	add    0x28(%r12),%rax
    2b34:	mov    (%rax),%rsi
    2b37:	mov    0x8(%rax),%ecx
    2b3a:	movq   $0x0,(%rax)
    2b41:	movl   $0x0,0x8(%rax)
    2b48:	movzwl 0x2(%rbx),%eax
    2b4c:	shl    $0x4,%rax
    2b50:	add    0x28(%r12),%rax
    2b55:	mov    (%rax),%rdx
    2b58:	mov    %ecx,0x8(%rax)
    2b5b:	mov    %rsi,(%rax)
    2b5e:	test   %rdx,%rdx
    2b61:	je     2b6f <_ZN4iree2vm9interpretERNS0_10InvocationE+0x256f>
    2b63:	lock subl $0x1,(%rdx)
    2b67:	jne    2b6f <_ZN4iree2vm9interpretERNS0_10InvocationE+0x256f>
    2b69:	mov    %rdx,%rdi
    2b6c:	call   *0x8(%rdx)
    2b6f:	movzwl 0x6(%rbx),%edx
    2b73:	lea    0x0(%rip),%rax        # 2b7a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x257a>
    2b7a:	add    $0x6,%rbx
    2b7e:	jmp    *(%rax,%rdx,8)
    2b81:	movzwl 0x4(%rbx),%edx
    2b85:	mov    0x28(%r12),%rax
    2b8a:	shl    $0x4,%rdx
    2b8e:	add    %rax,%rdx
    2b91:	mov    (%rdx),%rcx
    2b94:	mov    0x8(%rdx),%esi
    2b97:	mov    %rcx,0x30(%rsp)
    2b9c:	mov    %esi,0x38(%rsp)
    2ba0:	test   %rcx,%rcx
    2ba3:	je     2bae <_ZN4iree2vm9interpretERNS0_10InvocationE+0x25ae>
    2ba5:	lock addl $0x1,(%rcx)
    2ba9:	mov    0x28(%r12),%rax
    2bae:	movzwl 0x2(%rbx),%edx
    2bb2:	shl    $0x4,%rdx
    2bb6:	add    %rdx,%rax
    2bb9:	mov    (%rax),%rdx
    2bbc:	mov    %esi,0x8(%rax)
    2bbf:	mov    %rcx,(%rax)
    2bc2:	test   %rdx,%rdx
    2bc5:	je     2bd3 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x25d3>
    2bc7:	lock subl $0x1,(%rdx)
    2bcb:	jne    2bd3 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x25d3>
    2bcd:	mov    %rdx,%rdi
    2bd0:	call   *0x8(%rdx)
    2bd3:	movzwl 0x6(%rbx),%edx
    2bd7:	lea    0x0(%rip),%rax        # 2bde <_ZN4iree2vm9interpretERNS0_10InvocationE+0x25de>
    2bde:	add    $0x6,%rbx
    2be2:	jmp    *(%rax,%rdx,8)
    2be5:	movzwl 0x2(%rbx),%eax
    2be9:	shl    $0x4,%rax
    2bed:	add    0x28(%r12),%rax
    2bf2:	mov    (%rax),%rdx
    2bf5:	movl   $0x0,0x8(%rax)
    2bfc:	movq   $0x0,(%rax)
    2c03:	test   %rdx,%rdx
    2c06:	je     2c14 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2614>
    2c08:	lock subl $0x1,(%rdx)
    2c0c:	jne    2c14 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2614>
    2c0e:	mov    %rdx,%rdi
    2c11:	call   *0x8(%rdx)
    2c14:	movzwl 0x4(%rbx),%edx
    2c18:	lea    0x0(%rip),%rax        # 2c1f <_ZN4iree2vm9interpretERNS0_10InvocationE+0x261f>
    2c1f:	add    $0x4,%rbx
    2c23:	jmp    *(%rax,%rdx,8)
    2c26:	movzwl 0x6(%rbx),%ecx
    2c2a:	mov    0x10(%r13),%rax
    2c2e:	add    $0x8,%rbx
    2c32:	mov    -0x6(%rbx),%edx
    2c35:	mov    0x48(%rax),%rax
    2c39:	mov    0x0(%rbp,%rcx,8),%rcx
    2c3e:	mov    %rcx,(%rax,%rdx,8)
    2c42:	movzwl (%rbx),%edx
    2c45:	lea    0x0(%rip),%rax        # 2c4c <_ZN4iree2vm9interpretERNS0_10InvocationE+0x264c>
    2c4c:	jmp    *(%rax,%rdx,8)
    2c4f:	mov    0x10(%r13),%rdx
    2c53:	mov    0x4(%rbx),%ecx
    2c56:	add    $0x8,%rbx
    2c5a:	movzwl -0x6(%rbx),%eax
    2c5e:	mov    0x48(%rdx),%rdx
    2c62:	mov    (%rdx,%rcx,8),%rdx
    2c66:	mov    %rdx,0x0(%rbp,%rax,8)
    2c6b:	movzwl (%rbx),%edx
    2c6e:	lea    0x0(%rip),%rax        # 2c75 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2675>
    2c75:	jmp    *(%rax,%rdx,8)
    2c78:	movzwl 0x4(%rbx),%eax
    2c7c:	mov    0x0(%rbp,%rax,8),%ecx
    2c80:	test   %ecx,%ecx
    2c82:	je     35d0 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2fd0>
    2c88:	movzwl 0x6(%rbx),%eax
    2c8c:	shl    $0x3,%rax
    2c90:	movzwl 0x2(%rbx),%edx
    2c94:	mov    0x0(%rbp,%rax,1),%rax
    2c99:	add    $0xa,%rbx
    2c9d:	mov    %rax,0x0(%rbp,%rdx,8)
    2ca2:	movzwl (%rbx),%edx
    2ca5:	lea    0x0(%rip),%rax        # 2cac <_ZN4iree2vm9interpretERNS0_10InvocationE+0x26ac>
    2cac:	jmp    *(%rax,%rdx,8)
    2caf:	movzwl 0x4(%rbx),%edx
    2cb3:	movzwl 0x2(%rbx),%eax
    2cb7:	add    $0x6,%rbx
    2cbb:	mov    0x0(%rbp,%rdx,8),%rdx
    2cc0:	mov    %rdx,0x0(%rbp,%rax,8)
    2cc5:	movzwl (%rbx),%edx
    2cc8:	lea    0x0(%rip),%rax        # 2ccf <_ZN4iree2vm9interpretERNS0_10InvocationE+0x26cf>
    2ccf:	jmp    *(%rax,%rdx,8)
    2cd2:	movzwl 0x2(%rbx),%eax
    2cd6:	mov    0x4(%rbx),%rdx
    2cda:	add    $0xc,%rbx
    2cde:	mov    %rdx,0x0(%rbp,%rax,8)
    2ce3:	movzwl (%rbx),%edx
    2ce6:	lea    0x0(%rip),%rax        # 2ced <_ZN4iree2vm9interpretERNS0_10InvocationE+0x26ed>
    2ced:	jmp    *(%rax,%rdx,8)
    2cf0:	movzwl 0x6(%rbx),%ecx
    2cf4:	mov    0x10(%r13),%rax
    2cf8:	add    $0x8,%rbx
    2cfc:	mov    -0x6(%rbx),%edx
    2cff:	mov    0x48(%rax),%rax
    2d03:	mov    0x0(%rbp,%rcx,8),%rcx
    2d08:	mov    %rcx,(%rax,%rdx,8)
    2d0c:	movzwl (%rbx),%edx
    2d0f:	lea    0x0(%rip),%rax        # 2d16 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2716>
    2d16:	jmp    *(%rax,%rdx,8)
    2d19:	mov    0x10(%r13),%rdx
    2d1d:	mov    0x4(%rbx),%ecx
    2d20:	add    $0x8,%rbx
    2d24:	movzwl -0x6(%rbx),%eax
    2d28:	mov    0x48(%rdx),%rdx
    2d2c:	mov    (%rdx,%rcx,8),%rdx
    2d30:	mov    %rdx,0x0(%rbp,%rax,8)
    2d35:	movzwl (%rbx),%edx
    2d38:	lea    0x0(%rip),%rax        # 2d3f <_ZN4iree2vm9interpretERNS0_10InvocationE+0x273f>
    2d3f:	jmp    *(%rax,%rdx,8)
    2d42:	movzwl 0x4(%rbx),%eax
    2d46:	mov    0x0(%rbp,%rax,8),%esi
    2d4a:	test   %esi,%esi
    2d4c:	je     35ea <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2fea>
    2d52:	movzwl 0x6(%rbx),%eax
    2d56:	shl    $0x3,%rax
    2d5a:	movzwl 0x2(%rbx),%edx
    2d5e:	mov    0x0(%rbp,%rax,1),%rax
    2d63:	add    $0xa,%rbx
    2d67:	mov    %rax,0x0(%rbp,%rdx,8)
    2d6c:	movzwl (%rbx),%edx
    2d6f:	lea    0x0(%rip),%rax        # 2d76 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2776>
    2d76:	jmp    *(%rax,%rdx,8)
    2d79:	movzwl 0x4(%rbx),%edx
    2d7d:	movzwl 0x2(%rbx),%eax
    2d81:	add    $0x6,%rbx
    2d85:	mov    0x0(%rbp,%rdx,8),%rdx
    2d8a:	mov    %rdx,0x0(%rbp,%rax,8)
    2d8f:	movzwl (%rbx),%edx
    2d92:	lea    0x0(%rip),%rax        # 2d99 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2799>
    2d99:	jmp    *(%rax,%rdx,8)
    2d9c:	movzwl 0x2(%rbx),%eax
    2da0:	mov    0x4(%rbx),%edx
    2da3:	add    $0x8,%rbx
    2da7:	mov    %edx,0x0(%rbp,%rax,8)
    2dab:	movzwl (%rbx),%edx
    2dae:	lea    0x0(%rip),%rax        # 2db5 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x27b5>
    2db5:	jmp    *(%rax,%rdx,8)
    2db8:	movzwl 0x6(%rbx),%ecx
    2dbc:	mov    0x10(%r13),%rax
    2dc0:	add    $0x8,%rbx
    2dc4:	mov    -0x6(%rbx),%edx
    2dc7:	mov    0x48(%rax),%rax
    2dcb:	mov    0x0(%rbp,%rcx,8),%rcx
    2dd0:	mov    %rcx,(%rax,%rdx,8)
    2dd4:	movzwl (%rbx),%edx
    2dd7:	lea    0x0(%rip),%rax        # 2dde <_ZN4iree2vm9interpretERNS0_10InvocationE+0x27de>
    2dde:	jmp    *(%rax,%rdx,8)
    2de1:	mov    0x10(%r13),%rdx
    2de5:	mov    0x4(%rbx),%ecx
    2de8:	add    $0x8,%rbx
    2dec:	movzwl -0x6(%rbx),%eax
    2df0:	mov    0x48(%rdx),%rdx
    2df4:	mov    (%rdx,%rcx,8),%rdx
    2df8:	mov    %rdx,0x0(%rbp,%rax,8)
    2dfd:	movzwl (%rbx),%edx
    2e00:	lea    0x0(%rip),%rax        # 2e07 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2807>
    2e07:	jmp    *(%rax,%rdx,8)
    2e0a:	movzwl 0x4(%rbx),%eax
    2e0e:	mov    0x0(%rbp,%rax,8),%edi
    2e12:	test   %edi,%edi
    2e14:	jne    35dd <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2fdd>
    2e1a:	movzwl 0x8(%rbx),%eax
    2e1e:	shl    $0x3,%rax
    2e22:	movzwl 0x2(%rbx),%edx
    2e26:	mov    0x0(%rbp,%rax,1),%rax
    2e2b:	add    $0xa,%rbx
    2e2f:	mov    %rax,0x0(%rbp,%rdx,8)
    2e34:	movzwl (%rbx),%edx
    2e37:	lea    0x0(%rip),%rax        # 2e3e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x283e>
    2e3e:	jmp    *(%rax,%rdx,8)
    2e41:	movzwl 0x4(%rbx),%edx
    2e45:	movzwl 0x2(%rbx),%eax
    2e49:	add    $0x6,%rbx
    2e4d:	mov    0x0(%rbp,%rdx,8),%rdx
    2e52:	mov    %rdx,0x0(%rbp,%rax,8)
    2e57:	movzwl (%rbx),%edx
    2e5a:	lea    0x0(%rip),%rax        # 2e61 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2861>
    2e61:	jmp    *(%rax,%rdx,8)
    2e64:	movzwl 0x2(%rbx),%eax
    2e68:	mov    0x4(%rbx),%rdx
    2e6c:	add    $0xc,%rbx
    2e70:	mov    %rdx,0x0(%rbp,%rax,8)
    2e75:	movzwl (%rbx),%edx
    2e78:	lea    0x0(%rip),%rax        # 2e7f <_ZN4iree2vm9interpretERNS0_10InvocationE+0x287f>
    2e7f:	jmp    *(%rax,%rdx,8)
    2e82:	movzwl 0x6(%rbx),%ecx
    2e86:	mov    0x10(%r13),%rax
    2e8a:	add    $0x8,%rbx
    2e8e:	mov    -0x6(%rbx),%edx
    2e91:	mov    0x48(%rax),%rax
    2e95:	mov    0x0(%rbp,%rcx,8),%rcx
    2e9a:	mov    %rcx,(%rax,%rdx,8)
    2e9e:	movzwl (%rbx),%edx
    2ea1:	lea    0x0(%rip),%rax        # 2ea8 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x28a8>
    2ea8:	jmp    *(%rax,%rdx,8)
    2eab:	mov    0x10(%r13),%rdx
    2eaf:	mov    0x4(%rbx),%ecx
    2eb2:	add    $0x8,%rbx
    2eb6:	movzwl -0x6(%rbx),%eax
    2eba:	mov    0x48(%rdx),%rdx
    2ebe:	mov    (%rdx,%rcx,8),%rdx
    2ec2:	mov    %rdx,0x0(%rbp,%rax,8)
    2ec7:	movzwl (%rbx),%edx
    2eca:	lea    0x0(%rip),%rax        # 2ed1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x28d1>
    2ed1:	jmp    *(%rax,%rdx,8)
    2ed4:	movzwl 0x4(%rbx),%eax
    2ed8:	mov    0x0(%rbp,%rax,8),%r8d
    2edd:	test   %r8d,%r8d
    2ee0:	je     35f7 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2ff7>
    2ee6:	movzwl 0x6(%rbx),%eax
    2eea:	shl    $0x3,%rax
    2eee:	movzwl 0x2(%rbx),%edx
    2ef2:	mov    0x0(%rbp,%rax,1),%rax
    2ef7:	add    $0xa,%rbx
    2efb:	mov    %rax,0x0(%rbp,%rdx,8)
    2f00:	movzwl (%rbx),%edx
    2f03:	lea    0x0(%rip),%rax        # 2f0a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x290a>
    2f0a:	jmp    *(%rax,%rdx,8)
    2f0d:	movzwl 0x4(%rbx),%edx
    2f11:	movzwl 0x2(%rbx),%eax
    2f15:	add    $0x6,%rbx
    2f19:	mov    0x0(%rbp,%rdx,8),%rdx
    2f1e:	mov    %rdx,0x0(%rbp,%rax,8)
    2f23:	movzwl (%rbx),%edx
    2f26:	lea    0x0(%rip),%rax        # 2f2d <_ZN4iree2vm9interpretERNS0_10InvocationE+0x292d>
    2f2d:	jmp    *(%rax,%rdx,8)
    2f30:	movzwl 0x2(%rbx),%eax
    2f34:	mov    0x4(%rbx),%edx
    2f37:	add    $0x8,%rbx
    2f3b:	mov    %edx,0x0(%rbp,%rax,8)
    2f3f:	movzwl (%rbx),%edx
    2f42:	lea    0x0(%rip),%rax        # 2f49 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2949>
    2f49:	jmp    *(%rax,%rdx,8)
    2f4c:	mov    %rbx,0x10(%r12)
    2f51:	mov    %r13,%rdi
    2f54:	add    $0x2,%rbx
    2f58:	call   2f5d <_ZN4iree2vm9interpretERNS0_10InvocationE+0x295d>
    2f5d:	mov    %rbx,0x10(%r12)
    2f62:	mov    $0x2,%eax
    2f67:	add    $0x78,%rsp
    2f6b:	pop    %rbx
    2f6c:	pop    %rbp
    2f6d:	pop    %r12
    2f6f:	pop    %r13
    2f71:	pop    %r14
    2f73:	pop    %r15
    2f75:	ret
    2f76:	movzwl 0x2(%rbx),%eax
    2f7a:	mov    0x0(%rbp,%rax,8),%r9d
    2f7f:	test   %r9d,%r9d
    2f82:	je     2f88 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2988>
    2f88:	movzwl 0x8(%rbx),%edx
    2f8c:	lea    0x0(%rip),%rax        # 2f93 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2993>
    2f93:	add    $0x8,%rbx
    2f97:	jmp    *(%rax,%rdx,8)
    2f9a:	mov    0x10(%r13),%rdx
    2f9e:	mov    0x4(%rbx),%ecx
    2fa1:	movzwl 0x2(%rbx),%eax
    2fa5:	mov    0x30(%rdx),%rdx
    2fa9:	cmpq   $0x0,(%rdx,%rcx,8)
    2fae:	setne  %dl
    2fb1:	add    $0x8,%rbx
    2fb5:	movzbl %dl,%edx
    2fb8:	mov    %edx,0x0(%rbp,%rax,8)
    2fbc:	movzwl (%rbx),%edx
    2fbf:	lea    0x0(%rip),%rax        # 2fc6 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x29c6>
    2fc6:	jmp    *(%rax,%rdx,8)
    2fc9:	mov    0x10(%r13),%rax
    2fcd:	mov    %rbx,0x10(%r12)
    2fd2:	mov    0x2(%rbx),%edx
    2fd5:	mov    0x30(%rax),%rax
    2fd9:	mov    (%rax,%rdx,8),%rax
    2fdd:	test   %rax,%rax
    2fe0:	je     2fe6 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x29e6>
    2fe6:	mov    (%rax),%rcx
    2fe9:	lea    0x6(%rbx),%r8
    2fed:	mov    %rdx,(%rsp)
    2ff1:	lea    0x40(%rsp),%rdi
    2ff6:	mov    %r13,0x40(%rsp)
    2ffb:	mov    %rcx,0x48(%rsp)
    3000:	mov    0x20(%r12),%rcx
    3005:	mov    %r8,0x50(%rsp)
    300a:	mov    %rcx,0x58(%rsp)
    300f:	mov    0x28(%r12),%rcx
    3014:	mov    %r8,0x8(%rsp)
    3019:	mov    %rcx,0x60(%rsp)
    301e:	movl   $0x0,0x68(%rsp)
    3026:	call   *0x10(%rax)
    3029:	mov    (%rsp),%rdx
    302d:	mov    %eax,%esi
    302f:	mov    0x10(%r13),%rax
    3033:	mov    0x10(%rax),%rcx
    3037:	lea    (%rdx,%rdx,2),%rax
    303b:	shl    $0x4,%rax
    303f:	add    0x60(%rcx),%rax
    3043:	mov    0x28(%rax),%rax
    3047:	mov    0x30(%rax),%rdx
    304b:	mov    0x28(%rax),%r9
    304f:	mov    0x40(%rax),%ecx
    3052:	mov    %rdx,%rdi
    3055:	sub    %r9,%rdi
    3058:	sar    $0x2,%rdi
    305c:	add    %rdi,%rcx
    305f:	cmp    %r9,%rdx
    3062:	je     3089 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2a89>
    3064:	mov    0x8(%rsp),%r8
    3069:	xor    %eax,%eax
    306b:	nopl   0x0(%rax,%rax,1)
    3070:	movzwl (%r8,%rax,2),%edx
    3075:	mov    (%r9,%rax,4),%r10d
    3079:	add    $0x1,%rax
    307d:	imul   %r10,%rdx
    3081:	add    %rdx,%rcx
    3084:	cmp    %rdi,%rax
    3087:	jb     3070 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2a70>
    3089:	lea    0x6(%rbx,%rcx,2),%rbx
    308e:	test   %sil,%sil
    3091:	je     3c6f <_ZN4iree2vm9interpretERNS0_10InvocationE+0x366f>
    3097:	movzwl (%rbx),%edx
    309a:	lea    0x0(%rip),%rax        # 30a1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2aa1>
    30a1:	jmp    *(%rax,%rdx,8)
    30a4:	mov    0x10(%r13),%rax
    30a8:	mov    %rbx,0x10(%r12)
    30ad:	mov    %r13,%rdi
    30b0:	mov    0x10(%rax),%rcx
    30b4:	mov    0x2(%rbx),%eax
    30b7:	lea    (%rax,%rax,2),%rdx
    30bb:	lea    (%rax,%rdx,4),%rdx
    30bf:	mov    0x90(%rcx),%rax
    30c6:	lea    (%rax,%rdx,8),%r10
    30ca:	xor    %edx,%edx
    30cc:	mov    %r10,%rsi
    30cf:	mov    %r10,(%rsp)
    30d3:	call   30d8 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2ad8>
    30d8:	mov    (%rsp),%r10
    30dc:	lea    0x6(%rbx),%r8
    30e0:	mov    0x8(%rax),%rdi
    30e4:	mov    0x20(%rax),%rbp
    30e8:	mov    0x28(%rax),%rcx
    30ec:	mov    0x18(%rdi),%r15
    30f0:	mov    0x10(%rdi),%rsi
    30f4:	lea    (%r15,%rsi,1),%rdx
    30f8:	cmp    %rdx,%r15
    30fb:	je     31d5 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2bd5>
    3101:	mov    %r8,%rbx
    3104:	jmp    312e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2b2e>
    3106:	cs nopw 0x0(%rax,%rax,1)
    3110:	mov    0x20(%r12),%r9
    3115:	add    $0x1,%r15
    3119:	add    $0x8,%rbp
    311d:	mov    (%r9,%rdi,8),%rdi
    3121:	mov    %rdi,-0x8(%rbp)
    3125:	cmp    %r15,%rdx
    3128:	je     31c5 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2bc5>
    312e:	add    $0x2,%rbx
    3132:	cmpb   $0x72,(%r15)
    3136:	movzwl -0x2(%rbx),%edi
    313a:	jne    3110 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2b10>
    313c:	shl    $0x4,%rdi
    3140:	add    0x28(%r12),%rdi
    3145:	mov    %rdi,%r9
    3148:	mov    (%rdi),%rdi
    314b:	mov    0x8(%r9),%r11d
    314f:	mov    %rdi,0x30(%rsp)
    3154:	mov    %r11d,0x38(%rsp)
    3159:	test   %rdi,%rdi
    315c:	je     3162 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2b62>
    315e:	lock addl $0x1,(%rdi)
    3162:	mov    (%rcx),%r9
    3165:	mov    %r11d,0x8(%rcx)
    3169:	lea    0x10(%rcx),%r10
    316d:	mov    %rdi,(%rcx)
    3170:	test   %r9,%r9
    3173:	je     31b5 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2bb5>
    3175:	lock subl $0x1,(%r9)
    317a:	jne    31b5 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2bb5>
    317c:	mov    %rdx,0x28(%rsp)
    3181:	mov    %r9,%rdi
    3184:	mov    %rsi,0x20(%rsp)
    3189:	mov    %rax,0x18(%rsp)
    318e:	mov    %r8,0x10(%rsp)
    3193:	mov    %r10,0x8(%rsp)
    3198:	call   *0x8(%r9)
    319c:	mov    0x28(%rsp),%rdx
    31a1:	mov    0x20(%rsp),%rsi
    31a6:	mov    0x18(%rsp),%rax
    31ab:	mov    0x10(%rsp),%r8
    31b0:	mov    0x8(%rsp),%r10
    31b5:	add    $0x1,%r15
    31b9:	mov    %r10,%rcx
    31bc:	cmp    %r15,%rdx
    31bf:	jne    312e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2b2e>
    31c5:	mov    (%rsp),%r10
    31c9:	mov    0x8(%rax),%rdi
    31cd:	lea    (%r8,%rsi,2),%r8
    31d1:	mov    0x20(%rax),%rbp
    31d5:	mov    0x20(%r10),%rdx
    31d9:	mov    0x40(%rdi),%r15
    31dd:	mov    %r8,0x18(%rax)
    31e1:	lea    (%r8,%rdx,2),%rdx
    31e5:	mov    %rdx,0x10(%r12)
    31ea:	mov    0x10(%rax),%rbx
    31ee:	sub    $0x1,%r14d
    31f2:	je     3c06 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3606>
    31f8:	movzwl (%rbx),%ecx
    31fb:	lea    0x0(%rip),%rdx        # 3202 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2c02>
    3202:	mov    %rax,%r12
    3205:	mov    (%rdx,%rcx,8),%rdx
    3209:	jmp    *%rdx
    320b:	mov    %r12,%rsi
    320e:	lea    0x2(%rbx),%rdx
    3212:	mov    %r13,%rdi
    3215:	call   1d0 <_ZN4iree2vm12_GLOBAL__N_112pass_resultsERNS0_10InvocationERKNS0_5FrameEPKt>
    321a:	mov    %r13,%rdi
    321d:	call   3222 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2c22>
    3222:	mov    0x38(%r13),%r12
    3226:	test   %r12,%r12
    3229:	je     3c68 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3668>
    322f:	mov    0x10(%r12),%rbx
    3234:	mov    0x8(%r12),%rax
    3239:	mov    0x20(%r12),%rbp
    323e:	movzwl (%rbx),%edx
    3241:	mov    0x40(%rax),%r15
    3245:	lea    0x0(%rip),%rax        # 324c <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2c4c>
    324c:	jmp    *(%rax,%rdx,8)
    324f:	movzwl 0x2(%rbx),%eax
    3253:	lea    0x4(%rbx),%rsi
    3257:	mov    0x0(%rbp,%rax,8),%edx
    325b:	movzwl 0x8(%rbx),%eax
    325f:	lea    0xa(%rbx,%rax,4),%rax
    3264:	movzwl (%rax),%ecx
    3267:	lea    0x2(%rax,%rcx,4),%rax
    326c:	movzwl (%rax),%ecx
    326f:	cmp    %ecx,%edx
    3271:	jb     3b12 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3512>
    3277:	mov    (%rsi),%rbx
    327a:	mov    %rbx,%rax
    327d:	shr    $0x20,%rax
    3281:	jne    3bab <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35ab>
    3287:	mov    %ebx,%ebx
    3289:	lea    (%r15,%rbx,2),%rbx
    328d:	sub    $0x1,%r14d
    3291:	je     3b94 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3594>
    3297:	movzwl (%rbx),%edx
    329a:	lea    0x0(%rip),%rax        # 32a1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2ca1>
    32a1:	jmp    *(%rax,%rdx,8)
    32a4:	movzwl 0x2(%rbx),%eax
    32a8:	lea    0x4(%rbx),%rsi
    32ac:	mov    0x0(%rbp,%rax,8),%r10d
    32b1:	test   %r10d,%r10d
    32b4:	je     3bb8 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35b8>
    32ba:	mov    (%rsi),%rbx
    32bd:	mov    %rbx,%rax
    32c0:	shr    $0x20,%rax
    32c4:	jne    3bce <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35ce>
    32ca:	mov    %ebx,%ebx
    32cc:	lea    (%r15,%rbx,2),%rbx
    32d0:	sub    $0x1,%r14d
    32d4:	je     3bdb <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35db>
    32da:	movzwl (%rbx),%edx
    32dd:	lea    0x0(%rip),%rax        # 32e4 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2ce4>
    32e4:	jmp    *(%rax,%rdx,8)
    32e7:	lea    0x2(%rbx),%rsi
    32eb:	mov    0x2(%rbx),%rbx
    32ef:	mov    %rbx,%rax
    32f2:	shr    $0x20,%rax
    32f6:	jne    3bea <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35ea>
    32fc:	mov    %ebx,%ebx
    32fe:	lea    (%r15,%rbx,2),%rbx
    3302:	sub    $0x1,%r14d
    3306:	je     3bf7 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35f7>
    330c:	movzwl (%rbx),%edx
    330f:	lea    0x0(%rip),%rax        # 3316 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2d16>
    3316:	jmp    *(%rax,%rdx,8)
    3319:	cvttss2si %xmm0,%eax
    331d:	pxor   %xmm1,%xmm1
    3321:	movaps %xmm0,%xmm3
    3324:	movss  0x0(%rip),%xmm4        # 332c <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2d2c>
    332c:	andnps %xmm0,%xmm2
    332f:	cvtsi2ss %eax,%xmm1
    3333:	cmpnless %xmm1,%xmm3
    3338:	andps  %xmm4,%xmm3
    333b:	addss  %xmm3,%xmm1
    333f:	orps   %xmm2,%xmm1
    3342:	movaps %xmm1,%xmm0
    3345:	jmp    1bb6 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x15b6>
    334a:	cvttss2si %xmm0,%eax
    334e:	pxor   %xmm1,%xmm1
    3352:	movss  0x0(%rip),%xmm4        # 335a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2d5a>
    335a:	andnps %xmm0,%xmm2
    335d:	cvtsi2ss %eax,%xmm1
    3361:	movaps %xmm1,%xmm3
    3364:	cmpnless %xmm0,%xmm3
    3369:	andps  %xmm4,%xmm3
    336c:	subss  %xmm3,%xmm1
    3370:	orps   %xmm2,%xmm1
    3373:	movaps %xmm1,%xmm0
    3376:	jmp    1b71 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1571>
    337b:	cvttss2si %xmm0,%eax
    337f:	pxor   %xmm2,%xmm2
    3383:	andnps %xmm0,%xmm1
    3386:	cvtsi2ss %eax,%xmm2
    338a:	orps   %xmm1,%xmm2
    338d:	movaps %xmm2,%xmm0
    3390:	jmp    1b2c <_ZN4iree2vm9interpretERNS0_10InvocationE+0x152c>
    3395:	cmp    0xa(%rbx),%dx
    3399:	jne    1ed2 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x18d2>
    339f:	add    $0xc,%rbx
    33a3:	cmp    %rcx,%rsi
    33a6:	jae    417a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3b7a>
    33ac:	mov    (%rbx),%rax
    33af:	mov    %rax,%rdi
    33b2:	shr    $0x20,%rdi
    33b6:	jne    4162 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3b62>
    33bc:	mov    %eax,%eax
    33be:	lea    (%r15,%rax,2),%rbx
    33c2:	sub    $0x1,%r14d
    33c6:	je     4150 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3b50>
    33cc:	movzwl (%rbx),%edx
    33cf:	lea    0x0(%rip),%rax        # 33d6 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2dd6>
    33d6:	jmp    *(%rax,%rdx,8)
    33d9:	cmp    0xa(%rbx),%dx
    33dd:	jne    1e90 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1890>
    33e3:	add    $0xc,%rbx
    33e7:	cmp    %rcx,%rsi
    33ea:	jb     3fb1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x39b1>
    33f0:	mov    (%rbx),%rax
    33f3:	mov    %rax,%rsi
    33f6:	shr    $0x20,%rsi
    33fa:	jne    3f87 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3987>
    3400:	mov    %eax,%eax
    3402:	lea    (%r15,%rax,2),%rbx
    3406:	sub    $0x1,%r14d
    340a:	je     3f75 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3975>
    3410:	movzwl (%rbx),%edx
    3413:	lea    0x0(%rip),%rax        # 341a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2e1a>
    341a:	jmp    *(%rax,%rdx,8)
    341d:	cmp    0xa(%rbx),%dx
    3421:	jne    1f56 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1956>
    3427:	add    $0xc,%rbx
    342b:	cmp    %rcx,%rsi
    342e:	jle    3ff1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x39f1>
    3434:	mov    (%rbx),%rax
    3437:	mov    %rax,%rdi
    343a:	shr    $0x20,%rdi
    343e:	jne    3fd9 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x39d9>
    3444:	mov    %eax,%eax
    3446:	lea    (%r15,%rax,2),%rbx
    344a:	sub    $0x1,%r14d
    344e:	je     3fc7 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x39c7>
    3454:	movzwl (%rbx),%edx
    3457:	lea    0x0(%rip),%rax        # 345e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2e5e>
    345e:	jmp    *(%rax,%rdx,8)
    3461:	cmp    0xa(%rbx),%dx
    3465:	jne    1f14 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1914>
    346b:	add    $0xc,%rbx
    346f:	cmp    %rcx,%rsi
    3472:	jg     4031 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3a31>
    3478:	mov    (%rbx),%rax
    347b:	mov    %rax,%rsi
    347e:	shr    $0x20,%rsi
    3482:	jne    4019 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3a19>
    3488:	mov    %eax,%eax
    348a:	lea    (%r15,%rax,2),%rbx
    348e:	sub    $0x1,%r14d
    3492:	je     4007 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3a07>
    3498:	movzwl (%rbx),%edx
    349b:	lea    0x0(%rip),%rax        # 34a2 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2ea2>
    34a2:	jmp    *(%rax,%rdx,8)
    34a5:	cmp    0xa(%rbx),%dx
    34a9:	jne    186e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x126e>
    34af:	comiss %xmm0,%xmm1
    34b2:	lea    0xc(%rbx),%rsi
    34b6:	jbe    4066 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3a66>
    34bc:	mov    (%rsi),%rbx
    34bf:	mov    %rbx,%rax
    34c2:	shr    $0x20,%rax
    34c6:	jne    4059 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3a59>
    34cc:	mov    %ebx,%ebx
    34ce:	lea    (%r15,%rbx,2),%rbx
    34d2:	sub    $0x1,%r14d
    34d6:	je     4047 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3a47>
    34dc:	movzwl (%rbx),%edx
    34df:	lea    0x0(%rip),%rax        # 34e6 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2ee6>
    34e6:	jmp    *(%rax,%rdx,8)
    34e9:	cmp    0xa(%rbx),%dx
    34ed:	jne    182b <_ZN4iree2vm9interpretERNS0_10InvocationE+0x122b>
    34f3:	comiss %xmm0,%xmm1
    34f6:	lea    0xc(%rbx),%rsi
    34fa:	jb     409b <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3a9b>
    3500:	mov    (%rsi),%rbx
    3503:	mov    %rbx,%rax
    3506:	shr    $0x20,%rax
    350a:	jne    408e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3a8e>
    3510:	mov    %ebx,%ebx
    3512:	lea    (%r15,%rbx,2),%rbx
    3516:	sub    $0x1,%r14d
    351a:	je     407c <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3a7c>
    3520:	movzwl (%rbx),%edx
    3523:	lea    0x0(%rip),%rax        # 352a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2f2a>
    352a:	jmp    *(%rax,%rdx,8)
    352d:	cmp    0xa(%rbx),%cx
    3531:	jne    18fe <_ZN4iree2vm9interpretERNS0_10InvocationE+0x12fe>
    3537:	ucomiss %xmm0,%xmm1
    353a:	lea    0xc(%rbx),%rsi
    353e:	jp     40d0 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3ad0>
    3544:	jne    40d0 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3ad0>
    354a:	mov    (%rsi),%rbx
    354d:	mov    %rbx,%rax
    3550:	shr    $0x20,%rax
    3554:	jne    40c3 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3ac3>
    355a:	mov    %ebx,%ebx
    355c:	lea    (%r15,%rbx,2),%rbx
    3560:	sub    $0x1,%r14d
    3564:	je     40b1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3ab1>
    356a:	movzwl (%rbx),%edx
    356d:	lea    0x0(%rip),%rax        # 3574 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2f74>
    3574:	jmp    *(%rax,%rdx,8)
    3577:	cmp    0xa(%rbx),%cx
    357b:	jne    18b6 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x12b6>
    3581:	ucomiss %xmm0,%xmm1
    3584:	lea    0xc(%rbx),%rsi
    3588:	jp     3590 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2f90>
    358a:	je     4105 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3b05>
    3590:	mov    (%rsi),%rbx
    3593:	mov    %rbx,%rax
    3596:	shr    $0x20,%rax
    359a:	jne    40f8 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3af8>
    35a0:	mov    %ebx,%ebx
    35a2:	lea    (%r15,%rbx,2),%rbx
    35a6:	sub    $0x1,%r14d
    35aa:	je     40e6 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3ae6>
    35b0:	movzwl (%rbx),%edx
    35b3:	lea    0x0(%rip),%rax        # 35ba <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2fba>
    35ba:	jmp    *(%rax,%rdx,8)
    35bd:	cmp    $0x80000000,%eax
    35c2:	jne    2861 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2261>
    35c8:	jmp    35cd <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2fcd>
    35cd:	nopl   (%rax)
    35d0:	movzwl 0x8(%rbx),%eax
    35d4:	shl    $0x3,%rax
    35d8:	jmp    2c90 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2690>
    35dd:	movzwl 0x6(%rbx),%eax
    35e1:	shl    $0x3,%rax
    35e5:	jmp    2e22 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2822>
    35ea:	movzwl 0x8(%rbx),%eax
    35ee:	shl    $0x3,%rax
    35f2:	jmp    2d5a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x275a>
    35f7:	movzwl 0x8(%rbx),%eax
    35fb:	shl    $0x3,%rax
    35ff:	jmp    2eee <_ZN4iree2vm9interpretERNS0_10InvocationE+0x28ee>
    3604:	movzwl 0x8(%rbx),%edx
    3608:	shl    $0x4,%rdx
    360c:	jmp    2ad0 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x24d0>
    3611:	cmp    0xa(%rbx),%dx
    3615:	jne    1fda <_ZN4iree2vm9interpretERNS0_10InvocationE+0x19da>
    361b:	add    $0xc,%rbx
    361f:	cmp    %rcx,%rsi
    3622:	jne    3e2a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x382a>
    3628:	mov    (%rbx),%rax
    362b:	mov    %rax,%rdi
    362e:	shr    $0x20,%rdi
    3632:	jne    3e12 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3812>
    3638:	mov    %eax,%eax
    363a:	lea    (%r15,%rax,2),%rbx
    363e:	sub    $0x1,%r14d
    3642:	je     3e00 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3800>
    3648:	movzwl (%rbx),%edx
    364b:	lea    0x0(%rip),%rax        # 3652 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3052>
    3652:	jmp    *(%rax,%rdx,8)
    3655:	cmp    0xa(%rbx),%dx
    3659:	jne    24cd <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1ecd>
    365f:	add    $0xc,%rbx
    3663:	cmp    %ecx,%esi
    3665:	jle    3e6a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x386a>
    366b:	mov    (%rbx),%rax
    366e:	mov    %rax,%rdi
    3671:	shr    $0x20,%rdi
    3675:	jne    3e52 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3852>
    367b:	mov    %eax,%eax
    367d:	lea    (%r15,%rax,2),%rbx
    3681:	sub    $0x1,%r14d
    3685:	je     3e40 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3840>
    368b:	movzwl (%rbx),%edx
    368e:	lea    0x0(%rip),%rax        # 3695 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3095>
    3695:	jmp    *(%rax,%rdx,8)
    3698:	cmp    0xa(%rbx),%dx
    369c:	jne    254b <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1f4b>
    36a2:	add    $0xc,%rbx
    36a6:	cmp    %ecx,%esi
    36a8:	jne    3eaa <_ZN4iree2vm9interpretERNS0_10InvocationE+0x38aa>
    36ae:	mov    (%rbx),%rax
    36b1:	mov    %rax,%rdi
    36b4:	shr    $0x20,%rdi
    36b8:	jne    3e92 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3892>
    36be:	mov    %eax,%eax
    36c0:	lea    (%r15,%rax,2),%rbx
    36c4:	sub    $0x1,%r14d
    36c8:	je     3e80 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3880>
    36ce:	movzwl (%rbx),%edx
    36d1:	lea    0x0(%rip),%rax        # 36d8 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x30d8>
    36d8:	jmp    *(%rax,%rdx,8)
    36db:	movabs $0x8000000000000000,%rdx
    36e5:	cmp    %rdx,%rax
    36e8:	jne    233b <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1d3b>
    36ee:	jmp    36f3 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x30f3>
    36f3:	nopl   0x0(%rax,%rax,1)
    36f8:	cmp    0xa(%rbx),%dx
    36fc:	jne    2410 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1e10>
    3702:	add    $0xc,%rbx
    3706:	cmp    %ecx,%esi
    3708:	jb     3eea <_ZN4iree2vm9interpretERNS0_10InvocationE+0x38ea>
    370e:	mov    (%rbx),%rax
    3711:	mov    %rax,%rsi
    3714:	shr    $0x20,%rsi
    3718:	jne    3ed2 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x38d2>
    371e:	mov    %eax,%eax
    3720:	lea    (%r15,%rax,2),%rbx
    3724:	sub    $0x1,%r14d
    3728:	je     3ec0 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x38c0>
    372e:	movzwl (%rbx),%edx
    3731:	lea    0x0(%rip),%rax        # 3738 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3138>
    3738:	jmp    *(%rax,%rdx,8)
    373b:	cmp    0xa(%rbx),%dx
    373f:	jne    250c <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1f0c>
    3745:	add    $0xc,%rbx
    3749:	cmp    %ecx,%esi
    374b:	je     3f2a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x392a>
    3751:	mov    (%rbx),%rax
    3754:	mov    %rax,%rdi
    3757:	shr    $0x20,%rdi
    375b:	jne    3f12 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3912>
    3761:	mov    %eax,%eax
    3763:	lea    (%r15,%rax,2),%rbx
    3767:	sub    $0x1,%r14d
    376b:	je     3f00 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3900>
    3771:	movzwl (%rbx),%edx
    3774:	lea    0x0(%rip),%rax        # 377b <_ZN4iree2vm9interpretERNS0_10InvocationE+0x317b>
    377b:	jmp    *(%rax,%rdx,8)
    377e:	cmp    0xa(%rbx),%cx
    3782:	jne    17e8 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x11e8>
    3788:	lea    0xc(%rbx),%rsi
    378c:	test   %al,%al
    378e:	je     3f5f <_ZN4iree2vm9interpretERNS0_10InvocationE+0x395f>
    3794:	mov    (%rsi),%rbx
    3797:	mov    %rbx,%rax
    379a:	shr    $0x20,%rax
    379e:	jne    3f52 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3952>
    37a4:	mov    %ebx,%ebx
    37a6:	lea    (%r15,%rbx,2),%rbx
    37aa:	sub    $0x1,%r14d
    37ae:	je     3f40 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3940>
    37b4:	movzwl (%rbx),%edx
    37b7:	lea    0x0(%rip),%rax        # 37be <_ZN4iree2vm9interpretERNS0_10InvocationE+0x31be>
    37be:	jmp    *(%rax,%rdx,8)
    37c1:	cmp    0xa(%rbx),%cx
    37c5:	jne    11f0 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xbf0>
    37cb:	ucomisd %xmm0,%xmm1
    37cf:	lea    0xc(%rbx),%rsi
    37d3:	jp     37db <_ZN4iree2vm9interpretERNS0_10InvocationE+0x31db>
    37d5:	je     3d35 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3735>
    37db:	mov    (%rsi),%rbx
    37de:	mov    %rbx,%rax
    37e1:	shr    $0x20,%rax
    37e5:	jne    3d28 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3728>
    37eb:	mov    %ebx,%ebx
    37ed:	lea    (%r15,%rbx,2),%rbx
    37f1:	sub    $0x1,%r14d
    37f5:	je     3d16 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3716>
    37fb:	movzwl (%rbx),%edx
    37fe:	lea    0x0(%rip),%rax        # 3805 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3205>
    3805:	jmp    *(%rax,%rdx,8)
    3808:	cvttsd2si %xmm0,%rax
    380d:	pxor   %xmm2,%xmm2
    3811:	andnpd %xmm0,%xmm1
    3815:	cvtsi2sd %rax,%xmm2
    381a:	orpd   %xmm1,%xmm2
    381e:	movapd %xmm2,%xmm0
    3822:	jmp    146a <_ZN4iree2vm9interpretERNS0_10InvocationE+0xe6a>
    3827:	cmp    0xa(%rbx),%cx
    382b:	jne    1239 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xc39>
    3831:	ucomisd %xmm0,%xmm1
    3835:	lea    0xc(%rbx),%rsi
    3839:	jp     3d6a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x376a>
    383f:	jne    3d6a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x376a>
    3845:	mov    (%rsi),%rbx
    3848:	mov    %rbx,%rax
    384b:	shr    $0x20,%rax
    384f:	jne    3d5d <_ZN4iree2vm9interpretERNS0_10InvocationE+0x375d>
    3855:	mov    %ebx,%ebx
    3857:	lea    (%r15,%rbx,2),%rbx
    385b:	sub    $0x1,%r14d
    385f:	je     3d4b <_ZN4iree2vm9interpretERNS0_10InvocationE+0x374b>
    3865:	movzwl (%rbx),%edx
    3868:	lea    0x0(%rip),%rax        # 386f <_ZN4iree2vm9interpretERNS0_10InvocationE+0x326f>
    386f:	jmp    *(%rax,%rdx,8)
    3872:	cmp    0xa(%rbx),%dx
    3876:	jne    248e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1e8e>
    387c:	add    $0xc,%rbx
    3880:	cmp    %ecx,%esi
    3882:	jl     3daa <_ZN4iree2vm9interpretERNS0_10InvocationE+0x37aa>
    3888:	mov    (%rbx),%rax
    388b:	mov    %rax,%rsi
    388e:	shr    $0x20,%rsi
    3892:	jne    3d92 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3792>
    3898:	mov    %eax,%eax
    389a:	lea    (%r15,%rax,2),%rbx
    389e:	sub    $0x1,%r14d
    38a2:	je     3d80 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3780>
    38a8:	movzwl (%rbx),%edx
    38ab:	lea    0x0(%rip),%rax        # 38b2 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x32b2>
    38b2:	jmp    *(%rax,%rdx,8)
    38b5:	cmp    0xa(%rbx),%dx
    38b9:	jne    244f <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1e4f>
    38bf:	add    $0xc,%rbx
    38c3:	cmp    %ecx,%esi
    38c5:	jae    3dea <_ZN4iree2vm9interpretERNS0_10InvocationE+0x37ea>
    38cb:	mov    (%rbx),%rax
    38ce:	mov    %rax,%rdi
    38d1:	shr    $0x20,%rdi
    38d5:	jne    3dd2 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x37d2>
    38db:	mov    %eax,%eax
    38dd:	lea    (%r15,%rax,2),%rbx
    38e1:	sub    $0x1,%r14d
    38e5:	je     3dc0 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x37c0>
    38eb:	movzwl (%rbx),%edx
    38ee:	lea    0x0(%rip),%rax        # 38f5 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x32f5>
    38f5:	jmp    *(%rax,%rdx,8)
    38f8:	cmp    0xa(%rbx),%dx
    38fc:	jne    11a7 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xba7>
    3902:	comisd %xmm0,%xmm1
    3906:	lea    0xc(%rbx),%rsi
    390a:	jbe    3ccb <_ZN4iree2vm9interpretERNS0_10InvocationE+0x36cb>
    3910:	mov    (%rsi),%rbx
    3913:	mov    %rbx,%rax
    3916:	shr    $0x20,%rax
    391a:	jne    3cbe <_ZN4iree2vm9interpretERNS0_10InvocationE+0x36be>
    3920:	mov    %ebx,%ebx
    3922:	lea    (%r15,%rbx,2),%rbx
    3926:	sub    $0x1,%r14d
    392a:	je     3cac <_ZN4iree2vm9interpretERNS0_10InvocationE+0x36ac>
    3930:	movzwl (%rbx),%edx
    3933:	lea    0x0(%rip),%rax        # 393a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x333a>
    393a:	jmp    *(%rax,%rdx,8)
    393d:	cmp    0xa(%rbx),%dx
    3941:	jne    1163 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xb63>
    3947:	comisd %xmm0,%xmm1
    394b:	lea    0xc(%rbx),%rsi
    394f:	jb     3d00 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3700>
    3955:	mov    (%rsi),%rbx
    3958:	mov    %rbx,%rax
    395b:	shr    $0x20,%rax
    395f:	jne    3cf3 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x36f3>
    3965:	mov    %ebx,%ebx
    3967:	lea    (%r15,%rbx,2),%rbx
    396b:	sub    $0x1,%r14d
    396f:	je     3ce1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x36e1>
    3975:	movzwl (%rbx),%edx
    3978:	lea    0x0(%rip),%rax        # 397f <_ZN4iree2vm9interpretERNS0_10InvocationE+0x337f>
    397f:	jmp    *(%rax,%rdx,8)
    3982:	cmp    0xa(%rbx),%dx
    3986:	jne    1f98 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1998>
    398c:	add    $0xc,%rbx
    3990:	cmp    %rcx,%rsi
    3993:	je     3c96 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3696>
    3999:	mov    (%rbx),%rax
    399c:	mov    %rax,%rsi
    399f:	shr    $0x20,%rsi
    39a3:	jne    3c7e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x367e>
    39a9:	mov    %eax,%eax
    39ab:	lea    (%r15,%rax,2),%rbx
    39af:	sub    $0x1,%r14d
    39b3:	je     3f9f <_ZN4iree2vm9interpretERNS0_10InvocationE+0x399f>
    39b9:	movzwl (%rbx),%edx
    39bc:	lea    0x0(%rip),%rax        # 39c3 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x33c3>
    39c3:	jmp    *(%rax,%rdx,8)
    39c6:	cmp    0xa(%rbx),%cx
    39ca:	jne    111f <_ZN4iree2vm9interpretERNS0_10InvocationE+0xb1f>
    39d0:	lea    0xc(%rbx),%rsi
    39d4:	test   %al,%al
    39d6:	je     413a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3b3a>
    39dc:	mov    (%rsi),%rbx
    39df:	mov    %rbx,%rax
    39e2:	shr    $0x20,%rax
    39e6:	jne    412d <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3b2d>
    39ec:	mov    %ebx,%ebx
    39ee:	lea    (%r15,%rbx,2),%rbx
    39f2:	sub    $0x1,%r14d
    39f6:	je     411b <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3b1b>
    39fc:	movzwl (%rbx),%edx
    39ff:	lea    0x0(%rip),%rax        # 3a06 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3406>
    3a06:	jmp    *(%rax,%rdx,8)
    3a09:	cvttsd2si %xmm0,%rax
    3a0e:	pxor   %xmm1,%xmm1
    3a12:	movapd %xmm0,%xmm3
    3a16:	movsd  0x0(%rip),%xmm4        # 3a1e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x341e>
    3a1e:	andnpd %xmm0,%xmm2
    3a22:	cvtsi2sd %rax,%xmm1
    3a27:	cmpnlesd %xmm1,%xmm3
    3a2c:	andpd  %xmm4,%xmm3
    3a30:	addsd  %xmm3,%xmm1
    3a34:	orpd   %xmm2,%xmm1
    3a38:	movapd %xmm1,%xmm0
    3a3c:	jmp    14fa <_ZN4iree2vm9interpretERNS0_10InvocationE+0xefa>
    3a41:	cvttsd2si %xmm0,%rax
    3a46:	pxor   %xmm1,%xmm1
    3a4a:	movsd  0x0(%rip),%xmm4        # 3a52 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3452>
    3a52:	andnpd %xmm0,%xmm2
    3a56:	cvtsi2sd %rax,%xmm1
    3a5b:	movapd %xmm1,%xmm3
    3a5f:	cmpnlesd %xmm0,%xmm3
    3a64:	andpd  %xmm4,%xmm3
    3a68:	subsd  %xmm3,%xmm1
    3a6c:	orpd   %xmm2,%xmm1
    3a70:	movapd %xmm1,%xmm0
    3a74:	jmp    14b2 <_ZN4iree2vm9interpretERNS0_10InvocationE+0xeb2>
    3a79:	mov    %rax,%rcx
    3a7c:	and    $0x1,%eax
    3a7f:	pxor   %xmm0,%xmm0
    3a83:	shr    %rcx
    3a86:	or     %rax,%rcx
    3a89:	cvtsi2ss %rcx,%xmm0
    3a8e:	addss  %xmm0,%xmm0
    3a92:	jmp    d7f <_ZN4iree2vm9interpretERNS0_10InvocationE+0x77f>
    3a97:	mov    %rax,%rcx
    3a9a:	and    $0x1,%eax
    3a9d:	pxor   %xmm0,%xmm0
    3aa1:	shr    %rcx
    3aa4:	or     %rax,%rcx
    3aa7:	cvtsi2sd %rcx,%xmm0
    3aac:	addsd  %xmm0,%xmm0
    3ab0:	jmp    c6d <_ZN4iree2vm9interpretERNS0_10InvocationE+0x66d>
    3ab5:	mov    %rax,%rdi
    3ab8:	call   *0x8(%rax)
    3abb:	jmp    a64 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x464>
    3ac0:	movmskpd %xmm0,%eax
    3ac4:	test   $0x1,%al
    3ac6:	je     1634 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1034>
    3acc:	movapd %xmm1,%xmm0
    3ad0:	jmp    1634 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1034>
    3ad5:	movmskpd %xmm1,%eax
    3ad9:	test   $0x1,%al
    3adb:	je     16a5 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x10a5>
    3ae1:	movapd %xmm1,%xmm0
    3ae5:	jmp    16a5 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x10a5>
    3aea:	movd   %xmm0,%eax
    3aee:	test   %eax,%eax
    3af0:	jns    1cea <_ZN4iree2vm9interpretERNS0_10InvocationE+0x16ea>
    3af6:	movaps %xmm1,%xmm0
    3af9:	jmp    1cea <_ZN4iree2vm9interpretERNS0_10InvocationE+0x16ea>
    3afe:	movd   %xmm1,%eax
    3b02:	test   %eax,%eax
    3b04:	jns    1d57 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1757>
    3b0a:	movaps %xmm1,%xmm0
    3b0d:	jmp    1d57 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1757>
    3b12:	lea    0x2(%rax),%rsi
    3b16:	lea    -0x1(%rdx),%eax
    3b19:	test   %edx,%edx
    3b1b:	je     3277 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2c77>
    3b21:	nopl   0x0(%rax)
    3b28:	movzwl 0x4(%rsi),%edx
    3b2c:	lea    0x6(%rsi,%rdx,4),%rdx
    3b31:	movzwl (%rdx),%ecx
    3b34:	lea    0x2(%rdx,%rcx,4),%rsi
    3b39:	sub    $0x1,%eax
    3b3c:	jae    3b28 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3528>
    3b3e:	mov    (%rsi),%rbx
    3b41:	mov    %rbx,%rax
    3b44:	shr    $0x20,%rax
    3b48:	je     3287 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2c87>
    3b4e:	jmp    3bab <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35ab>
    3b50:	mov    (%rdx),%rcx
    3b53:	mov    0x8(%rdx),%edi
    3b56:	mov    %rcx,0x30(%rsp)
    3b5b:	mov    %edi,0x38(%rsp)
    3b5f:	test   %rcx,%rcx
    3b62:	je     29b2 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x23b2>
    3b68:	jmp    29aa <_ZN4iree2vm9interpretERNS0_10InvocationE+0x23aa>
    3b6d:	nopl   (%rax)
    3b70:	addss  %xmm1,%xmm0
    3b74:	jmp    1d57 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1757>
    3b79:	addsd  %xmm1,%xmm0
    3b7d:	jmp    1634 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1034>
    3b82:	addss  %xmm1,%xmm0
    3b86:	jmp    1cea <_ZN4iree2vm9interpretERNS0_10InvocationE+0x16ea>
    3b8b:	addsd  %xmm1,%xmm0
    3b8f:	jmp    16a5 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x10a5>
    3b94:	mov    %rbx,0x10(%r12)
    3b99:	mov    %r13,%rdi
    3b9c:	call   3ba1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35a1>
    3ba1:	mov    $0x3,%eax
    3ba6:	jmp    2f67 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2967>
    3bab:	mov    %r12,%rdi
    3bae:	call   0 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt>
    3bb3:	jmp    3287 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2c87>
    3bb8:	movzwl 0x4(%rsi),%eax
    3bbc:	lea    0x6(%rsi,%rax,4),%rax
    3bc1:	movzwl (%rax),%edx
    3bc4:	lea    0x2(%rax,%rdx,4),%rsi
    3bc9:	jmp    32ba <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2cba>
    3bce:	mov    %r12,%rdi
    3bd1:	call   0 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt>
    3bd6:	jmp    32ca <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2cca>
    3bdb:	mov    %rbx,0x10(%r12)
    3be0:	mov    %r13,%rdi
    3be3:	call   3be8 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35e8>
    3be8:	jmp    3ba1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35a1>
    3bea:	mov    %r12,%rdi
    3bed:	call   0 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt>
    3bf2:	jmp    32fc <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2cfc>
    3bf7:	mov    %rbx,0x10(%r12)
    3bfc:	mov    %r13,%rdi
    3bff:	call   3c04 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3604>
    3c04:	jmp    3ba1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35a1>
    3c06:	mov    %r13,%rdi
    3c09:	call   3c0e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x360e>
    3c0e:	jmp    3ba1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35a1>
    3c10:	movq   $0x0,0x30(%rsp)
    3c19:	mov    %edi,0x38(%rsp)
    3c1d:	jmp    29b2 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x23b2>
    3c22:	xor    %eax,%eax
    3c24:	jmp    1cda <_ZN4iree2vm9interpretERNS0_10InvocationE+0x16da>
    3c29:	xor    %eax,%eax
    3c2b:	jmp    1d47 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1747>
    3c30:	xor    %eax,%eax
    3c32:	jmp    1623 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1023>
    3c37:	xor    %eax,%eax
    3c39:	jmp    1694 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1094>
    3c3e:	subss  0x0(%rip),%xmm0        # 3c46 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3646>
    3c46:	cvttss2si %xmm0,%rax
    3c4b:	btc    $0x3f,%rax
    3c50:	jmp    cf5 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x6f5>
    3c55:	subsd  %xmm1,%xmm0
    3c59:	cvttsd2si %xmm0,%rax
    3c5e:	btc    $0x3f,%rax
    3c63:	jmp    be0 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x5e0>
    3c68:	xor    %eax,%eax
    3c6a:	jmp    2f67 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2967>
    3c6f:	mov    %rbx,0x10(%r12)
    3c74:	mov    $0x1,%eax
    3c79:	jmp    2f67 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2967>
    3c7e:	mov    %rbx,%rsi
    3c81:	mov    %r12,%rdi
    3c84:	mov    %rax,(%rsp)
    3c88:	call   0 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt>
    3c8d:	mov    (%rsp),%rax
    3c91:	jmp    39a9 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x33a9>
    3c96:	movzwl 0x4(%rbx),%eax
    3c9a:	lea    0x6(%rbx,%rax,4),%rax
    3c9f:	movzwl (%rax),%edx
    3ca2:	lea    0x2(%rax,%rdx,4),%rbx
    3ca7:	jmp    3999 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3399>
    3cac:	mov    %rbx,0x10(%r12)
    3cb1:	mov    %r13,%rdi
    3cb4:	call   3cb9 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x36b9>
    3cb9:	jmp    3ba1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35a1>
    3cbe:	mov    %r12,%rdi
    3cc1:	call   0 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt>
    3cc6:	jmp    3920 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3320>
    3ccb:	movzwl 0x4(%rsi),%eax
    3ccf:	lea    0x6(%rsi,%rax,4),%rax
    3cd4:	movzwl (%rax),%edx
    3cd7:	lea    0x2(%rax,%rdx,4),%rsi
    3cdc:	jmp    3910 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3310>
    3ce1:	mov    %rbx,0x10(%r12)
    3ce6:	mov    %r13,%rdi
    3ce9:	call   3cee <_ZN4iree2vm9interpretERNS0_10InvocationE+0x36ee>
    3cee:	jmp    3ba1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35a1>
    3cf3:	mov    %r12,%rdi
    3cf6:	call   0 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt>
    3cfb:	jmp    3965 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3365>
    3d00:	movzwl 0x4(%rsi),%eax
    3d04:	lea    0x6(%rsi,%rax,4),%rax
    3d09:	movzwl (%rax),%edx
    3d0c:	lea    0x2(%rax,%rdx,4),%rsi
    3d11:	jmp    3955 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3355>
    3d16:	mov    %rbx,0x10(%r12)
    3d1b:	mov    %r13,%rdi
    3d1e:	call   3d23 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3723>
    3d23:	jmp    3ba1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35a1>
    3d28:	mov    %r12,%rdi
    3d2b:	call   0 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt>
    3d30:	jmp    37eb <_ZN4iree2vm9interpretERNS0_10InvocationE+0x31eb>
    3d35:	movzwl 0x4(%rsi),%eax
    3d39:	lea    0x6(%rsi,%rax,4),%rax
    3d3e:	movzwl (%rax),%edx
    3d41:	lea    0x2(%rax,%rdx,4),%rsi
    3d46:	jmp    37db <_ZN4iree2vm9interpretERNS0_10InvocationE+0x31db>
    3d4b:	mov    %rbx,0x10(%r12)
    3d50:	mov    %r13,%rdi
    3d53:	call   3d58 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3758>
    3d58:	jmp    3ba1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35a1>
    3d5d:	mov    %r12,%rdi
    3d60:	call   0 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt>
    3d65:	jmp    3855 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3255>
    3d6a:	movzwl 0x4(%rsi),%eax
    3d6e:	lea    0x6(%rsi,%rax,4),%rax
    3d73:	movzwl (%rax),%edx
    3d76:	lea    0x2(%rax,%rdx,4),%rsi
    3d7b:	jmp    3845 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3245>
    3d80:	mov    %rbx,0x10(%r12)
    3d85:	mov    %r13,%rdi
    3d88:	call   3d8d <_ZN4iree2vm9interpretERNS0_10InvocationE+0x378d>
    3d8d:	jmp    3ba1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35a1>
    3d92:	mov    %rbx,%rsi
    3d95:	mov    %r12,%rdi
    3d98:	mov    %rax,(%rsp)
    3d9c:	call   0 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt>
    3da1:	mov    (%rsp),%rax
    3da5:	jmp    3898 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3298>
    3daa:	movzwl 0x4(%rbx),%eax
    3dae:	lea    0x6(%rbx,%rax,4),%rax
    3db3:	movzwl (%rax),%edx
    3db6:	lea    0x2(%rax,%rdx,4),%rbx
    3dbb:	jmp    3888 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3288>
    3dc0:	mov    %rbx,0x10(%r12)
    3dc5:	mov    %r13,%rdi
    3dc8:	call   3dcd <_ZN4iree2vm9interpretERNS0_10InvocationE+0x37cd>
    3dcd:	jmp    3ba1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35a1>
    3dd2:	mov    %rbx,%rsi
    3dd5:	mov    %r12,%rdi
    3dd8:	mov    %rax,(%rsp)
    3ddc:	call   0 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt>
    3de1:	mov    (%rsp),%rax
    3de5:	jmp    38db <_ZN4iree2vm9interpretERNS0_10InvocationE+0x32db>
    3dea:	movzwl 0x4(%rbx),%eax
    3dee:	lea    0x6(%rbx,%rax,4),%rax
    3df3:	movzwl (%rax),%edx
    3df6:	lea    0x2(%rax,%rdx,4),%rbx
    3dfb:	jmp    38cb <_ZN4iree2vm9interpretERNS0_10InvocationE+0x32cb>
    3e00:	mov    %rbx,0x10(%r12)
    3e05:	mov    %r13,%rdi
    3e08:	call   3e0d <_ZN4iree2vm9interpretERNS0_10InvocationE+0x380d>
    3e0d:	jmp    3ba1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35a1>
    3e12:	mov    %rbx,%rsi
    3e15:	mov    %r12,%rdi
    3e18:	mov    %rax,(%rsp)
    3e1c:	call   0 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt>
    3e21:	mov    (%rsp),%rax
    3e25:	jmp    3638 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3038>
    3e2a:	movzwl 0x4(%rbx),%eax
    3e2e:	lea    0x6(%rbx,%rax,4),%rax
    3e33:	movzwl (%rax),%edx
    3e36:	lea    0x2(%rax,%rdx,4),%rbx
    3e3b:	jmp    3628 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3028>
    3e40:	mov    %rbx,0x10(%r12)
    3e45:	mov    %r13,%rdi
    3e48:	call   3e4d <_ZN4iree2vm9interpretERNS0_10InvocationE+0x384d>
    3e4d:	jmp    3ba1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35a1>
    3e52:	mov    %rbx,%rsi
    3e55:	mov    %r12,%rdi
    3e58:	mov    %rax,(%rsp)
    3e5c:	call   0 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt>
    3e61:	mov    (%rsp),%rax
    3e65:	jmp    367b <_ZN4iree2vm9interpretERNS0_10InvocationE+0x307b>
    3e6a:	movzwl 0x4(%rbx),%eax
    3e6e:	lea    0x6(%rbx,%rax,4),%rax
    3e73:	movzwl (%rax),%edx
    3e76:	lea    0x2(%rax,%rdx,4),%rbx
    3e7b:	jmp    366b <_ZN4iree2vm9interpretERNS0_10InvocationE+0x306b>
    3e80:	mov    %rbx,0x10(%r12)
    3e85:	mov    %r13,%rdi
    3e88:	call   3e8d <_ZN4iree2vm9interpretERNS0_10InvocationE+0x388d>
    3e8d:	jmp    3ba1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35a1>
    3e92:	mov    %rbx,%rsi
    3e95:	mov    %r12,%rdi
    3e98:	mov    %rax,(%rsp)
    3e9c:	call   0 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt>
    3ea1:	mov    (%rsp),%rax
    3ea5:	jmp    36be <_ZN4iree2vm9interpretERNS0_10InvocationE+0x30be>
    3eaa:	movzwl 0x4(%rbx),%eax
    3eae:	lea    0x6(%rbx,%rax,4),%rax
    3eb3:	movzwl (%rax),%edx
    3eb6:	lea    0x2(%rax,%rdx,4),%rbx
    3ebb:	jmp    36ae <_ZN4iree2vm9interpretERNS0_10InvocationE+0x30ae>
    3ec0:	mov    %rbx,0x10(%r12)
    3ec5:	mov    %r13,%rdi
    3ec8:	call   3ecd <_ZN4iree2vm9interpretERNS0_10InvocationE+0x38cd>
    3ecd:	jmp    3ba1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35a1>
    3ed2:	mov    %rbx,%rsi
    3ed5:	mov    %r12,%rdi
    3ed8:	mov    %rax,(%rsp)
    3edc:	call   0 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt>
    3ee1:	mov    (%rsp),%rax
    3ee5:	jmp    371e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x311e>
    3eea:	movzwl 0x4(%rbx),%eax
    3eee:	lea    0x6(%rbx,%rax,4),%rax
    3ef3:	movzwl (%rax),%edx
    3ef6:	lea    0x2(%rax,%rdx,4),%rbx
    3efb:	jmp    370e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x310e>
    3f00:	mov    %rbx,0x10(%r12)
    3f05:	mov    %r13,%rdi
    3f08:	call   3f0d <_ZN4iree2vm9interpretERNS0_10InvocationE+0x390d>
    3f0d:	jmp    3ba1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35a1>
    3f12:	mov    %rbx,%rsi
    3f15:	mov    %r12,%rdi
    3f18:	mov    %rax,(%rsp)
    3f1c:	call   0 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt>
    3f21:	mov    (%rsp),%rax
    3f25:	jmp    3761 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3161>
    3f2a:	movzwl 0x4(%rbx),%eax
    3f2e:	lea    0x6(%rbx,%rax,4),%rax
    3f33:	movzwl (%rax),%edx
    3f36:	lea    0x2(%rax,%rdx,4),%rbx
    3f3b:	jmp    3751 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3151>
    3f40:	mov    %rbx,0x10(%r12)
    3f45:	mov    %r13,%rdi
    3f48:	call   3f4d <_ZN4iree2vm9interpretERNS0_10InvocationE+0x394d>
    3f4d:	jmp    3ba1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35a1>
    3f52:	mov    %r12,%rdi
    3f55:	call   0 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt>
    3f5a:	jmp    37a4 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x31a4>
    3f5f:	movzwl 0x4(%rsi),%eax
    3f63:	lea    0x6(%rsi,%rax,4),%rax
    3f68:	movzwl (%rax),%edx
    3f6b:	lea    0x2(%rax,%rdx,4),%rsi
    3f70:	jmp    3794 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3194>
    3f75:	mov    %rbx,0x10(%r12)
    3f7a:	mov    %r13,%rdi
    3f7d:	call   3f82 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3982>
    3f82:	jmp    3ba1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35a1>
    3f87:	mov    %rbx,%rsi
    3f8a:	mov    %r12,%rdi
    3f8d:	mov    %rax,(%rsp)
    3f91:	call   0 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt>
    3f96:	mov    (%rsp),%rax
    3f9a:	jmp    3400 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2e00>
    3f9f:	mov    %rbx,0x10(%r12)
    3fa4:	mov    %r13,%rdi
    3fa7:	call   3fac <_ZN4iree2vm9interpretERNS0_10InvocationE+0x39ac>
    3fac:	jmp    3ba1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35a1>
    3fb1:	movzwl 0x4(%rbx),%eax
    3fb5:	lea    0x6(%rbx,%rax,4),%rax
    3fba:	movzwl (%rax),%edx
    3fbd:	lea    0x2(%rax,%rdx,4),%rbx
    3fc2:	jmp    33f0 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2df0>
    3fc7:	mov    %rbx,0x10(%r12)
    3fcc:	mov    %r13,%rdi
    3fcf:	call   3fd4 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x39d4>
    3fd4:	jmp    3ba1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35a1>
    3fd9:	mov    %rbx,%rsi
    3fdc:	mov    %r12,%rdi
    3fdf:	mov    %rax,(%rsp)
    3fe3:	call   0 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt>
    3fe8:	mov    (%rsp),%rax
    3fec:	jmp    3444 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2e44>
    3ff1:	movzwl 0x4(%rbx),%eax
    3ff5:	lea    0x6(%rbx,%rax,4),%rax
    3ffa:	movzwl (%rax),%edx
    3ffd:	lea    0x2(%rax,%rdx,4),%rbx
    4002:	jmp    3434 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2e34>
    4007:	mov    %rbx,0x10(%r12)
    400c:	mov    %r13,%rdi
    400f:	call   4014 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3a14>
    4014:	jmp    3ba1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35a1>
    4019:	mov    %rbx,%rsi
    401c:	mov    %r12,%rdi
    401f:	mov    %rax,(%rsp)
    4023:	call   0 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt>
    4028:	mov    (%rsp),%rax
    402c:	jmp    3488 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2e88>
    4031:	movzwl 0x4(%rbx),%eax
    4035:	lea    0x6(%rbx,%rax,4),%rax
    403a:	movzwl (%rax),%edx
    403d:	lea    0x2(%rax,%rdx,4),%rbx
    4042:	jmp    3478 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2e78>
    4047:	mov    %rbx,0x10(%r12)
    404c:	mov    %r13,%rdi
    404f:	call   4054 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3a54>
    4054:	jmp    3ba1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35a1>
    4059:	mov    %r12,%rdi
    405c:	call   0 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt>
    4061:	jmp    34cc <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2ecc>
    4066:	movzwl 0x4(%rsi),%eax
    406a:	lea    0x6(%rsi,%rax,4),%rax
    406f:	movzwl (%rax),%edx
    4072:	lea    0x2(%rax,%rdx,4),%rsi
    4077:	jmp    34bc <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2ebc>
    407c:	mov    %rbx,0x10(%r12)
    4081:	mov    %r13,%rdi
    4084:	call   4089 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3a89>
    4089:	jmp    3ba1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35a1>
    408e:	mov    %r12,%rdi
    4091:	call   0 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt>
    4096:	jmp    3510 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2f10>
    409b:	movzwl 0x4(%rsi),%eax
    409f:	lea    0x6(%rsi,%rax,4),%rax
    40a4:	movzwl (%rax),%edx
    40a7:	lea    0x2(%rax,%rdx,4),%rsi
    40ac:	jmp    3500 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2f00>
    40b1:	mov    %rbx,0x10(%r12)
    40b6:	mov    %r13,%rdi
    40b9:	call   40be <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3abe>
    40be:	jmp    3ba1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35a1>
    40c3:	mov    %r12,%rdi
    40c6:	call   0 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt>
    40cb:	jmp    355a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2f5a>
    40d0:	movzwl 0x4(%rsi),%eax
    40d4:	lea    0x6(%rsi,%rax,4),%rax
    40d9:	movzwl (%rax),%edx
    40dc:	lea    0x2(%rax,%rdx,4),%rsi
    40e1:	jmp    354a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2f4a>
    40e6:	mov    %rbx,0x10(%r12)
    40eb:	mov    %r13,%rdi
    40ee:	call   40f3 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3af3>
    40f3:	jmp    3ba1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35a1>
    40f8:	mov    %r12,%rdi
    40fb:	call   0 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt>
    4100:	jmp    35a0 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2fa0>
    4105:	movzwl 0x4(%rsi),%eax
    4109:	lea    0x6(%rsi,%rax,4),%rax
    410e:	movzwl (%rax),%edx
    4111:	lea    0x2(%rax,%rdx,4),%rsi
    4116:	jmp    3590 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2f90>
    411b:	mov    %rbx,0x10(%r12)
    4120:	mov    %r13,%rdi
    4123:	call   4128 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3b28>
    4128:	jmp    3ba1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35a1>
    412d:	mov    %r12,%rdi
    4130:	call   0 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt>
    4135:	jmp    39ec <_ZN4iree2vm9interpretERNS0_10InvocationE+0x33ec>
    413a:	movzwl 0x4(%rsi),%eax
    413e:	lea    0x6(%rsi,%rax,4),%rax
    4143:	movzwl (%rax),%edx
    4146:	lea    0x2(%rax,%rdx,4),%rsi
    414b:	jmp    39dc <_ZN4iree2vm9interpretERNS0_10InvocationE+0x33dc>
    4150:	mov    %rbx,0x10(%r12)
    4155:	mov    %r13,%rdi
    4158:	call   415d <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3b5d>
    415d:	jmp    3ba1 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x35a1>
    4162:	mov    %rbx,%rsi
    4165:	mov    %r12,%rdi
    4168:	mov    %rax,(%rsp)
    416c:	call   0 <_ZN4iree2vm12_GLOBAL__N_110make_movesERKNS0_5FrameEPKt>
    4171:	mov    (%rsp),%rax
    4175:	jmp    33bc <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2dbc>
    417a:	movzwl 0x4(%rbx),%eax
    417e:	lea    0x6(%rbx,%rax,4),%rax
    4183:	movzwl (%rax),%edx
    4186:	lea    0x2(%rax,%rdx,4),%rbx
    418b:	jmp    33ac <_ZN4iree2vm9interpretERNS0_10InvocationE+0x2dac>
    4190:	movabs $0x8000000000000000,%rax
    419a:	jmp    c3a <_ZN4iree2vm9interpretERNS0_10InvocationE+0x63a>
    419f:	movabs $0x8000000000000000,%rax
    41a9:	jmp    d4c <_ZN4iree2vm9interpretERNS0_10InvocationE+0x74c>
    41ae:	mov    $0x2,%eax
    41b3:	jmp    1d47 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1747>
    41b8:	mov    $0x2,%eax
    41bd:	jmp    1cda <_ZN4iree2vm9interpretERNS0_10InvocationE+0x16da>
    41c2:	mov    $0x2,%eax
    41c7:	jmp    1694 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1094>
    41cc:	mov    $0x2,%eax
    41d1:	jmp    1623 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x1023>
    41d6:	cs nopw 0x0(%rax,%rax,1)
    41e0:	mov    $0x80000000,%eax
    41e5:	jmp    f3e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x93e>
    41ea:	mov    $0x80000000,%eax
    41ef:	jmp    e4e <_ZN4iree2vm9interpretERNS0_10InvocationE+0x84e>
    41f4:	mov    %rax,%rbx
    41f7:	jmp    41fc <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3bfc>
    41fc:	mov    %rax,%rbx
    41ff:	jmp    4204 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3c04>
    4204:	mov    %rax,%rbx
    4207:	jmp    420c <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3c0c>
    420c:	mov    %rax,%rbx
    420f:	jmp    4214 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x3c14>

Disassembly of section .text._ZZN4iree3hal13out_of_memoryEvENUlP17iree_hal_status_sE_4_FUNES2_:

0000000000000000 <_ZZN4iree3hal13out_of_memoryEvENUlP17iree_hal_status_sE_4_FUNES2_>:
   0:	ret

Disassembly of section .text._ZNK4iree3hal5Error4whatEv:

0000000000000000 <_ZNK4iree3hal5Error4whatEv>:
   0:	mov    0x8(%rdi),%rax
   4:	mov    0x8(%rax),%rax
   8:	ret

Disassembly of section .text._ZNSt19_Sp_counted_deleterIP17iree_hal_status_sN4iree3hal13StatusDeleterESaIvELN9__gnu_cxx12_Lock_policyE2EED2Ev:

0000000000000000 <_ZNSt19_Sp_counted_deleterIP17iree_hal_status_sN4iree3hal13StatusDeleterESaIvELN9__gnu_cxx12_Lock_policyE2EED1Ev>:
   0:	ret

Disassembly of section .text._ZNSt19_Sp_counted_deleterIP17iree_hal_status_sN4iree3hal13StatusDeleterESaIvELN9__gnu_cxx12_Lock_policyE2EE10_M_disposeEv:

0000000000000000 <_ZNSt19_Sp_counted_deleterIP17iree_hal_status_sN4iree3hal13StatusDeleterESaIvELN9__gnu_cxx12_Lock_policyE2EE10_M_disposeEv>:
   0:	mov    0x10(%rdi),%rax
   4:	test   %rax,%rax
   7:	je     20 <_ZNSt19_Sp_counted_deleterIP17iree_hal_status_sN4iree3hal13StatusDeleterESaIvELN9__gnu_cxx12_Lock_policyE2EE10_M_disposeEv+0x20>
   9:	sub    $0x8,%rsp
   d:	mov    %rax,%rdi
  10:	call   *0x10(%rax)
  13:	add    $0x8,%rsp
  17:	ret
  18:	nopl   0x0(%rax,%rax,1)
  20:	ret

Disassembly of section .text._ZNSt19_Sp_counted_deleterIP17iree_hal_status_sN4iree3hal13StatusDeleterESaIvELN9__gnu_cxx12_Lock_policyE2EED0Ev:

0000000000000000 <_ZNSt19_Sp_counted_deleterIP17iree_hal_status_sN4iree3hal13StatusDeleterESaIvELN9__gnu_cxx12_Lock_policyE2EED0Ev>:
   0:	mov    $0x18,%esi
   5:	jmp    a <.LC14+0x2>

Disassembly of section .text._ZZN4iree3hal13make_status_vE15iree_hal_code_ePKcP13__va_list_tagENUlP17iree_hal_status_sE_4_FUNES7_:

0000000000000000 <_ZZN4iree3hal13make_status_vE15iree_hal_code_ePKcP13__va_list_tagENUlP17iree_hal_status_sE_4_FUNES7_>:
   0:	jmp    5 <.LC11+0x1>

Disassembly of section .text.unlikely:

0000000000000000 <iree_hal_release>:
   0:	test   %rdi,%rdi
   3:	je     d <iree_hal_release+0xd>
   5:	lock decl (%rdi)
   8:	jne    d <iree_hal_release+0xd>
   a:	jmp    *0x8(%rdi)
   d:	ret

000000000000000e <_ZN4iree2vm12_GLOBAL__N_14trapE15iree_hal_code_eSt17basic_string_viewIcSt11char_traitsIcEE>:
   e:	push   %r13
  10:	mov    %rdx,%r13
  13:	push   %r12
  15:	mov    %edi,%r12d
  18:	mov    $0x18,%edi
  1d:	push   %rbp
  1e:	push   %rbx
  1f:	mov    %rsi,%rbx
  22:	push   %rax
  23:	call   28 <_ZN4iree2vm12_GLOBAL__N_14trapE15iree_hal_code_eSt17basic_string_viewIcSt11char_traitsIcEE+0x1a>
  28:	lea    0x0(%rip),%rsi        # 2f <_ZN4iree2vm12_GLOBAL__N_14trapE15iree_hal_code_eSt17basic_string_viewIcSt11char_traitsIcEE+0x21>
  2f:	mov    %r12d,%edi
  32:	mov    %r13,%rcx
  35:	mov    %rax,%rbp
  38:	mov    $0x10000,%eax
  3d:	cmp    %rax,%rbx
  40:	cmovbe %rbx,%rax
  44:	mov    %rax,%rdx
  47:	xor    %eax,%eax
  49:	call   4e <_ZN4iree2vm12_GLOBAL__N_14trapE15iree_hal_code_eSt17basic_string_viewIcSt11char_traitsIcEE+0x40>
  4e:	mov    %rbp,%rdi
  51:	mov    %rax,%rsi
  54:	call   59 <_ZN4iree2vm12_GLOBAL__N_14trapE15iree_hal_code_eSt17basic_string_viewIcSt11char_traitsIcEE+0x4b>
  59:	lea    0x0(%rip),%rdx        # 60 <_ZN4iree2vm12_GLOBAL__N_14trapE15iree_hal_code_eSt17basic_string_viewIcSt11char_traitsIcEE+0x52>
  60:	lea    0x0(%rip),%rsi        # 67 <_ZN4iree2vm12_GLOBAL__N_14trapE15iree_hal_code_eSt17basic_string_viewIcSt11char_traitsIcEE+0x59>
  67:	mov    %rbp,%rdi
  6a:	call   6f <_ZN4iree2vm12_GLOBAL__N_14trapE15iree_hal_code_eSt17basic_string_viewIcSt11char_traitsIcEE+0x61>
  6f:	mov    %rax,%rbx
  72:	mov    %rbp,%rdi
  75:	call   7a <_ZN4iree2vm12_GLOBAL__N_14trapE15iree_hal_code_eSt17basic_string_viewIcSt11char_traitsIcEE+0x6c>
  7a:	mov    %rbx,%rdi
  7d:	call   82 <_ZN4iree2vm12_GLOBAL__N_14trapE15iree_hal_code_ePKc>

0000000000000082 <_ZN4iree2vm12_GLOBAL__N_14trapE15iree_hal_code_ePKc>:
  82:	push   %r12
  84:	mov    %rsi,%r12
  87:	push   %rbp
  88:	mov    %edi,%ebp
  8a:	mov    $0x18,%edi
  8f:	push   %rbx
  90:	call   95 <_ZN4iree2vm12_GLOBAL__N_14trapE15iree_hal_code_ePKc+0x13>
  95:	lea    0x0(%rip),%rsi        # 9c <_ZN4iree2vm12_GLOBAL__N_14trapE15iree_hal_code_ePKc+0x1a>
  9c:	mov    %ebp,%edi
  9e:	mov    %r12,%rdx
  a1:	mov    %rax,%rbx
  a4:	xor    %eax,%eax
  a6:	call   ab <_ZN4iree2vm12_GLOBAL__N_14trapE15iree_hal_code_ePKc+0x29>
  ab:	mov    %rbx,%rdi
  ae:	mov    %rax,%rsi
  b1:	call   b6 <_ZN4iree2vm12_GLOBAL__N_14trapE15iree_hal_code_ePKc+0x34>
  b6:	lea    0x0(%rip),%rdx        # bd <_ZN4iree2vm12_GLOBAL__N_14trapE15iree_hal_code_ePKc+0x3b>
  bd:	lea    0x0(%rip),%rsi        # c4 <_ZN4iree2vm12_GLOBAL__N_14trapE15iree_hal_code_ePKc+0x42>
  c4:	mov    %rbx,%rdi
  c7:	call   cc <_ZN4iree2vm12_GLOBAL__N_14trapE15iree_hal_code_ePKc+0x4a>
  cc:	mov    %rax,%rbp
  cf:	mov    %rbx,%rdi
  d2:	call   d7 <_ZN4iree2vm12_GLOBAL__N_14trapE15iree_hal_code_ePKc+0x55>
  d7:	mov    %rbp,%rdi
  da:	call   df <_ZN4iree2vm12_GLOBAL__N_113division_trapEb>

00000000000000df <_ZN4iree2vm12_GLOBAL__N_113division_trapEb>:
  df:	test   %dil,%dil
  e2:	lea    0x0(%rip),%rsi        # e9 <_ZN4iree2vm12_GLOBAL__N_113division_trapEb+0xa>
  e9:	push   %rax
  ea:	lea    0x0(%rip),%rax        # f1 <_ZN4iree2vm12_GLOBAL__N_113division_trapEb+0x12>
  f1:	cmovne %rax,%rsi
  f5:	cmp    $0x1,%dil
  f9:	sbb    %edi,%edi
  fb:	and    $0x8,%edi
  fe:	add    $0x3,%edi
 101:	call   82 <_ZN4iree2vm12_GLOBAL__N_14trapE15iree_hal_code_ePKc>

0000000000000106 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold>:
 106:	mov    %rbx,0x10(%r12)
 10b:	mov    $0x1,%edi
 110:	call   df <_ZN4iree2vm12_GLOBAL__N_113division_trapEb>
 115:	mov    0x10(%r13),%rax
 119:	mov    %rbx,0x10(%r12)
 11e:	mov    $0x9,%edi
 123:	mov    0x10(%rax),%rdx
 127:	mov    0x4(%rbx),%eax
 12a:	shl    $0x4,%rax
 12e:	add    0x10(%rdx),%rax
 132:	mov    (%rax),%rsi
 135:	mov    0x8(%rax),%rdx
 139:	call   e <_ZN4iree2vm12_GLOBAL__N_14trapE15iree_hal_code_eSt17basic_string_viewIcSt11char_traitsIcEE>
 13e:	mov    $0x18,%edi
 143:	mov    %rdx,(%rsp)
 147:	call   14c <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x46>
 14c:	mov    (%rsp),%rdx
 150:	mov    $0x3,%edi
 155:	lea    0x0(%rip),%rsi        # 15c <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x56>
 15c:	mov    %rax,%rbx
 15f:	lea    0x0(%rip),%rax        # 166 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x60>
 166:	mov    0x8(%rdx),%edx
 169:	mov    (%rax,%rdx,8),%rdx
 16d:	xor    %eax,%eax
 16f:	call   174 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x6e>
 174:	mov    %rbx,%rdi
 177:	mov    %rax,%rsi
 17a:	call   17f <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x79>
 17f:	lea    0x0(%rip),%rdx        # 186 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x80>
 186:	lea    0x0(%rip),%rsi        # 18d <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x87>
 18d:	mov    %rbx,%rdi
 190:	call   195 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x8f>
 195:	movzwl 0x2(%rbx),%eax
 199:	mov    %rbx,0x10(%r12)
 19e:	mov    0x0(%rbp,%rax,8),%edi
 1a2:	lea    -0x1(%rdi),%eax
 1a5:	cmp    $0x10,%eax
 1a8:	mov    $0x2,%eax
 1ad:	cmovae %eax,%edi
 1b0:	mov    0x10(%r13),%rax
 1b4:	mov    0x10(%rax),%rdx
 1b8:	mov    0x4(%rbx),%eax
 1bb:	shl    $0x4,%rax
 1bf:	add    0x10(%rdx),%rax
 1c3:	mov    (%rax),%rsi
 1c6:	mov    0x8(%rax),%rdx
 1ca:	call   e <_ZN4iree2vm12_GLOBAL__N_14trapE15iree_hal_code_eSt17basic_string_viewIcSt11char_traitsIcEE>
 1cf:	mov    %rax,%rbp
 1d2:	mov    %rbx,%rdi
 1d5:	call   1da <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0xd4>
 1da:	mov    %rbp,%rdi
 1dd:	call   1e2 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0xdc>
 1e2:	mov    %rbx,0x10(%r12)
 1e7:	mov    $0x1,%edi
 1ec:	call   df <_ZN4iree2vm12_GLOBAL__N_113division_trapEb>
 1f1:	mov    %rbx,0x10(%r12)
 1f6:	mov    $0x1,%edi
 1fb:	call   df <_ZN4iree2vm12_GLOBAL__N_113division_trapEb>
 200:	mov    $0x18,%edi
 205:	mov    %rdx,(%rsp)
 209:	call   20e <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x108>
 20e:	mov    (%rsp),%rdx
 212:	mov    $0xc,%edi
 217:	lea    0x0(%rip),%rsi        # 21e <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x118>
 21e:	mov    %rax,%rbx
 221:	mov    0x10(%r13),%rax
 225:	mov    0x10(%rax),%rcx
 229:	imul   $0x30,%rdx,%rax
 22d:	mov    $0xc8,%edx
 232:	add    0x60(%rcx),%rax
 236:	mov    0x8(%rax),%rcx
 23a:	mov    (%rax),%rax
 23d:	cmp    %rdx,%rax
 240:	cmovbe %rax,%rdx
 244:	xor    %eax,%eax
 246:	call   24b <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x145>
 24b:	mov    %rbx,%rdi
 24e:	mov    %rax,%rsi
 251:	call   256 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x150>
 256:	lea    0x0(%rip),%rdx        # 25d <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x157>
 25d:	lea    0x0(%rip),%rsi        # 264 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x15e>
 264:	mov    %rbx,%rdi
 267:	call   26c <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x166>
 26c:	mov    %rbx,0x10(%r12)
 271:	xor    %edi,%edi
 273:	call   df <_ZN4iree2vm12_GLOBAL__N_113division_trapEb>
 278:	mov    %rax,%rbp
 27b:	mov    %rbx,%rdi
 27e:	call   283 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x17d>
 283:	mov    %rbp,%rdi
 286:	call   28b <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x185>
 28b:	mov    $0x18,%edi
 290:	mov    %rdx,(%rsp)
 294:	call   299 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x193>
 299:	mov    (%rsp),%rdx
 29d:	mov    $0x3,%edi
 2a2:	lea    0x0(%rip),%rsi        # 2a9 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x1a3>
 2a9:	mov    %rax,%rbx
 2ac:	lea    0x0(%rip),%rax        # 2b3 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x1ad>
 2b3:	mov    0x8(%rdx),%edx
 2b6:	mov    (%rax,%rdx,8),%rdx
 2ba:	xor    %eax,%eax
 2bc:	call   2c1 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x1bb>
 2c1:	mov    %rbx,%rdi
 2c4:	mov    %rax,%rsi
 2c7:	call   2cc <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x1c6>
 2cc:	lea    0x0(%rip),%rdx        # 2d3 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x1cd>
 2d3:	lea    0x0(%rip),%rsi        # 2da <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x1d4>
 2da:	mov    %rbx,%rdi
 2dd:	call   2e2 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x1dc>
 2e2:	mov    %rbx,0x10(%r12)
 2e7:	xor    %edi,%edi
 2e9:	call   df <_ZN4iree2vm12_GLOBAL__N_113division_trapEb>
 2ee:	mov    %rax,%rbp
 2f1:	mov    %rbx,%rdi
 2f4:	call   2f9 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x1f3>
 2f9:	mov    %rbp,%rdi
 2fc:	call   301 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x1fb>
 301:	mov    $0x18,%edi
 306:	mov    %rdx,(%rsp)
 30a:	call   30f <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x209>
 30f:	mov    (%rsp),%rdx
 313:	mov    $0x3,%edi
 318:	lea    0x0(%rip),%rsi        # 31f <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x219>
 31f:	mov    %rax,%rbx
 322:	lea    0x0(%rip),%rax        # 329 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x223>
 329:	mov    0x8(%rdx),%edx
 32c:	mov    (%rax,%rdx,8),%rdx
 330:	xor    %eax,%eax
 332:	call   337 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x231>
 337:	mov    %rbx,%rdi
 33a:	mov    %rax,%rsi
 33d:	call   342 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x23c>
 342:	lea    0x0(%rip),%rdx        # 349 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x243>
 349:	lea    0x0(%rip),%rsi        # 350 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x24a>
 350:	mov    %rbx,%rdi
 353:	call   358 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x252>
 358:	mov    $0x18,%edi
 35d:	mov    %rdx,(%rsp)
 361:	call   366 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x260>
 366:	mov    (%rsp),%rdx
 36a:	mov    $0x3,%edi
 36f:	lea    0x0(%rip),%rsi        # 376 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x270>
 376:	mov    %rax,%rbx
 379:	lea    0x0(%rip),%rax        # 380 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x27a>
 380:	mov    0x8(%rdx),%edx
 383:	mov    (%rax,%rdx,8),%rdx
 387:	xor    %eax,%eax
 389:	call   38e <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x288>
 38e:	mov    %rbx,%rdi
 391:	mov    %rax,%rsi
 394:	call   399 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x293>
 399:	lea    0x0(%rip),%rdx        # 3a0 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x29a>
 3a0:	lea    0x0(%rip),%rsi        # 3a7 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x2a1>
 3a7:	mov    %rbx,%rdi
 3aa:	call   3af <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x2a9>
 3af:	mov    %rax,%rbp
 3b2:	mov    %rbx,%rdi
 3b5:	call   3ba <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x2b4>
 3ba:	mov    %rbp,%rdi
 3bd:	call   3c2 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x2bc>
 3c2:	mov    %rax,%rbp
 3c5:	mov    %rbx,%rdi
 3c8:	call   3cd <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x2c7>
 3cd:	mov    %rbp,%rdi
 3d0:	call   3d5 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x2cf>
 3d5:	mov    $0x18,%edi
 3da:	mov    %rdx,(%rsp)
 3de:	call   3e3 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x2dd>
 3e3:	mov    (%rsp),%rdx
 3e7:	mov    $0x3,%edi
 3ec:	lea    0x0(%rip),%rsi        # 3f3 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x2ed>
 3f3:	mov    %rax,%rbx
 3f6:	lea    0x0(%rip),%rax        # 3fd <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x2f7>
 3fd:	mov    0x8(%rdx),%edx
 400:	mov    (%rax,%rdx,8),%rdx
 404:	xor    %eax,%eax
 406:	call   40b <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x305>
 40b:	mov    %rbx,%rdi
 40e:	mov    %rax,%rsi
 411:	call   416 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x310>
 416:	lea    0x0(%rip),%rdx        # 41d <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x317>
 41d:	lea    0x0(%rip),%rsi        # 424 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x31e>
 424:	mov    %rbx,%rdi
 427:	call   42c <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x326>
 42c:	mov    %rbx,0x10(%r12)
 431:	mov    $0x18,%edi
 436:	mov    %r8d,0x8(%rsp)
 43b:	mov    %rdx,(%rsp)
 43f:	call   444 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x33e>
 444:	mov    (%rsp),%rdx
 448:	mov    0x8(%rsp),%r8d
 44d:	lea    0x0(%rip),%rsi        # 454 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x34e>
 454:	mov    %rax,%rbx
 457:	lea    0x0(%rip),%rax        # 45e <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x358>
 45e:	mov    $0x3,%edi
 463:	mov    0x8(%rdx),%edx
 466:	mov    (%rax,%rdx,8),%rcx
 46a:	mov    (%rax,%r8,8),%rdx
 46e:	xor    %eax,%eax
 470:	call   475 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x36f>
 475:	mov    %rbx,%rdi
 478:	mov    %rax,%rsi
 47b:	call   480 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x37a>
 480:	lea    0x0(%rip),%rdx        # 487 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x381>
 487:	lea    0x0(%rip),%rsi        # 48e <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x388>
 48e:	mov    %rbx,%rdi
 491:	call   496 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x390>
 496:	mov    %rax,%rbp
 499:	mov    %rbx,%rdi
 49c:	call   4a1 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x39b>
 4a1:	mov    %rbp,%rdi
 4a4:	call   4a9 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x3a3>
 4a9:	mov    %rax,%rbp
 4ac:	mov    %rbx,%rdi
 4af:	call   4b4 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x3ae>
 4b4:	mov    %rbp,%rdi
 4b7:	call   4bc <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x3b6>
 4bc:	mov    $0x18,%edi
 4c1:	mov    %rdx,(%rsp)
 4c5:	call   4ca <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x3c4>
 4ca:	mov    (%rsp),%rdx
 4ce:	mov    $0x3,%edi
 4d3:	lea    0x0(%rip),%rsi        # 4da <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x3d4>
 4da:	mov    %rax,%rbx
 4dd:	lea    0x0(%rip),%rax        # 4e4 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x3de>
 4e4:	mov    0x8(%rdx),%edx
 4e7:	mov    (%rax,%rdx,8),%rdx
 4eb:	xor    %eax,%eax
 4ed:	call   4f2 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x3ec>
 4f2:	mov    %rbx,%rdi
 4f5:	mov    %rax,%rsi
 4f8:	call   4fd <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x3f7>
 4fd:	lea    0x0(%rip),%rdx        # 504 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x3fe>
 504:	lea    0x0(%rip),%rsi        # 50b <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x405>
 50b:	mov    %rbx,%rdi
 50e:	call   513 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x40d>
 513:	mov    $0x18,%edi
 518:	mov    %rdx,(%rsp)
 51c:	call   521 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x41b>
 521:	mov    (%rsp),%rdx
 525:	mov    $0x3,%edi
 52a:	lea    0x0(%rip),%rsi        # 531 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x42b>
 531:	mov    %rax,%rbx
 534:	lea    0x0(%rip),%rax        # 53b <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x435>
 53b:	mov    0x8(%rdx),%edx
 53e:	mov    (%rax,%rdx,8),%rdx
 542:	xor    %eax,%eax
 544:	call   549 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x443>
 549:	mov    %rbx,%rdi
 54c:	mov    %rax,%rsi
 54f:	call   554 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x44e>
 554:	lea    0x0(%rip),%rdx        # 55b <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x455>
 55b:	lea    0x0(%rip),%rsi        # 562 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x45c>
 562:	mov    %rbx,%rdi
 565:	call   56a <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x464>
 56a:	mov    %rax,%rbp
 56d:	mov    %rbx,%rdi
 570:	call   575 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x46f>
 575:	mov    %rbp,%rdi
 578:	call   57d <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x477>
 57d:	mov    %rax,%rbp
 580:	mov    %rbx,%rdi
 583:	call   588 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x482>
 588:	mov    %rbp,%rdi
 58b:	call   590 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x48a>
 590:	mov    %rbx,0x10(%r12)
 595:	mov    $0x1,%edi
 59a:	call   df <_ZN4iree2vm12_GLOBAL__N_113division_trapEb>
 59f:	mov    %rbx,0x10(%r12)
 5a4:	mov    $0x1,%edi
 5a9:	call   df <_ZN4iree2vm12_GLOBAL__N_113division_trapEb>
 5ae:	mov    %rbx,0x10(%r12)
 5b3:	mov    $0x1,%edi
 5b8:	call   df <_ZN4iree2vm12_GLOBAL__N_113division_trapEb>
 5bd:	mov    %rbx,0x10(%r12)
 5c2:	mov    $0x1,%edi
 5c7:	call   df <_ZN4iree2vm12_GLOBAL__N_113division_trapEb>
 5cc:	mov    %rbx,0x10(%r12)
 5d1:	mov    $0x1,%edi
 5d6:	call   df <_ZN4iree2vm12_GLOBAL__N_113division_trapEb>
 5db:	mov    $0x18,%edi
 5e0:	mov    %rdx,(%rsp)
 5e4:	call   5e9 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x4e3>
 5e9:	mov    (%rsp),%rdx
 5ed:	mov    $0x3,%edi
 5f2:	lea    0x0(%rip),%rsi        # 5f9 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x4f3>
 5f9:	mov    %rax,%rbx
 5fc:	lea    0x0(%rip),%rax        # 603 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x4fd>
 603:	mov    0x8(%rdx),%edx
 606:	mov    (%rax,%rdx,8),%rdx
 60a:	xor    %eax,%eax
 60c:	call   611 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x50b>
 611:	mov    %rbx,%rdi
 614:	mov    %rax,%rsi
 617:	call   61c <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x516>
 61c:	lea    0x0(%rip),%rdx        # 623 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x51d>
 623:	lea    0x0(%rip),%rsi        # 62a <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x524>
 62a:	mov    %rbx,%rdi
 62d:	call   632 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x52c>
 632:	mov    $0x18,%edi
 637:	mov    %rdx,(%rsp)
 63b:	call   640 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x53a>
 640:	mov    (%rsp),%rdx
 644:	mov    $0x3,%edi
 649:	lea    0x0(%rip),%rsi        # 650 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x54a>
 650:	mov    %rax,%rbx
 653:	lea    0x0(%rip),%rax        # 65a <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x554>
 65a:	mov    0x8(%rdx),%edx
 65d:	mov    (%rax,%rdx,8),%rdx
 661:	xor    %eax,%eax
 663:	call   668 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x562>
 668:	mov    %rbx,%rdi
 66b:	mov    %rax,%rsi
 66e:	call   673 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x56d>
 673:	lea    0x0(%rip),%rdx        # 67a <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x574>
 67a:	lea    0x0(%rip),%rsi        # 681 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x57b>
 681:	mov    %rbx,%rdi
 684:	call   689 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x583>
 689:	mov    $0x18,%edi
 68e:	mov    %rdx,(%rsp)
 692:	call   697 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x591>
 697:	mov    (%rsp),%rdx
 69b:	mov    $0x3,%edi
 6a0:	lea    0x0(%rip),%rsi        # 6a7 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x5a1>
 6a7:	mov    %rax,%rbx
 6aa:	lea    0x0(%rip),%rax        # 6b1 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x5ab>
 6b1:	mov    0x8(%rdx),%edx
 6b4:	mov    (%rax,%rdx,8),%rdx
 6b8:	xor    %eax,%eax
 6ba:	call   6bf <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x5b9>
 6bf:	mov    %rbx,%rdi
 6c2:	mov    %rax,%rsi
 6c5:	call   6ca <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x5c4>
 6ca:	lea    0x0(%rip),%rdx        # 6d1 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x5cb>
 6d1:	lea    0x0(%rip),%rsi        # 6d8 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x5d2>
 6d8:	mov    %rbx,%rdi
 6db:	call   6e0 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x5da>
 6e0:	mov    $0x18,%edi
 6e5:	mov    %rdx,(%rsp)
 6e9:	call   6ee <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x5e8>
 6ee:	mov    (%rsp),%rdx
 6f2:	mov    $0x3,%edi
 6f7:	lea    0x0(%rip),%rsi        # 6fe <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x5f8>
 6fe:	mov    %rax,%rbx
 701:	lea    0x0(%rip),%rax        # 708 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x602>
 708:	mov    0x8(%rdx),%edx
 70b:	mov    (%rax,%rdx,8),%rdx
 70f:	xor    %eax,%eax
 711:	call   716 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x610>
 716:	mov    %rbx,%rdi
 719:	mov    %rax,%rsi
 71c:	call   721 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x61b>
 721:	lea    0x0(%rip),%rdx        # 728 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x622>
 728:	lea    0x0(%rip),%rsi        # 72f <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x629>
 72f:	mov    %rbx,%rdi
 732:	call   737 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x631>
 737:	mov    $0x18,%edi
 73c:	mov    %rdx,(%rsp)
 740:	call   745 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x63f>
 745:	mov    (%rsp),%rdx
 749:	mov    $0x3,%edi
 74e:	lea    0x0(%rip),%rsi        # 755 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x64f>
 755:	mov    %rax,%rbx
 758:	lea    0x0(%rip),%rax        # 75f <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x659>
 75f:	mov    0x8(%rdx),%edx
 762:	mov    (%rax,%rdx,8),%rdx
 766:	xor    %eax,%eax
 768:	call   76d <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x667>
 76d:	mov    %rbx,%rdi
 770:	mov    %rax,%rsi
 773:	call   778 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x672>
 778:	lea    0x0(%rip),%rdx        # 77f <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x679>
 77f:	lea    0x0(%rip),%rsi        # 786 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x680>
 786:	mov    %rbx,%rdi
 789:	call   78e <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x688>
 78e:	mov    0x30(%rsp),%rdi
 793:	test   %rdi,%rdi
 796:	je     79d <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x697>
 798:	call   0 <iree_hal_release>
 79d:	mov    %rbx,%rdi
 7a0:	call   7a5 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x69f>
 7a5:	mov    %rax,%rbp
 7a8:	mov    %rbx,%rdi
 7ab:	call   7b0 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x6aa>
 7b0:	mov    %rbp,%rdi
 7b3:	call   7b8 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x6b2>
 7b8:	mov    %rax,%rbp
 7bb:	mov    %rbx,%rdi
 7be:	call   7c3 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x6bd>
 7c3:	mov    %rbp,%rdi
 7c6:	call   7cb <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x6c5>
 7cb:	mov    %rax,%rbp
 7ce:	mov    %rbx,%rdi
 7d1:	call   7d6 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x6d0>
 7d6:	mov    %rbp,%rdi
 7d9:	call   7de <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x6d8>
 7de:	mov    (%rsp),%rdi
 7e2:	call   0 <iree_hal_release>
 7e7:	mov    %rbx,%rdi
 7ea:	call   7ef <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x6e9>
 7ef:	mov    0x30(%rsp),%rdi
 7f4:	call   0 <iree_hal_release>
 7f9:	mov    (%rsp),%rdi
 7fd:	mov    $0x50,%esi
 802:	call   807 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x701>
 807:	mov    %rbx,%rdi
 80a:	call   80f <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x709>
 80f:	mov    %rax,%rbp
 812:	mov    %rbx,%rdi
 815:	call   81a <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x714>
 81a:	mov    %rbp,%rdi
 81d:	call   822 <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x71c>
 822:	mov    %rax,%rbp
 825:	mov    %rbx,%rdi
 828:	call   82d <_ZN4iree2vm9interpretERNS0_10InvocationE.cold+0x727>
 82d:	mov    %rbp,%rdi
 830:	call   835 <_ZN4iree2vm9interpretERNS0_10InvocationE+0x235>

Disassembly of section .text._ZNSt19_Sp_counted_deleterIP17iree_hal_status_sN4iree3hal13StatusDeleterESaIvELN9__gnu_cxx12_Lock_policyE2EE10_M_destroyEv:

0000000000000000 <_ZNSt19_Sp_counted_deleterIP17iree_hal_status_sN4iree3hal13StatusDeleterESaIvELN9__gnu_cxx12_Lock_policyE2EE10_M_destroyEv>:
   0:	mov    $0x18,%esi
   5:	jmp    a <.LC14+0x2>

Disassembly of section .text._ZNSt19_Sp_counted_deleterIP17iree_hal_status_sN4iree3hal13StatusDeleterESaIvELN9__gnu_cxx12_Lock_policyE2EE14_M_get_deleterERKSt9type_info:

0000000000000000 <_ZNSt19_Sp_counted_deleterIP17iree_hal_status_sN4iree3hal13StatusDeleterESaIvELN9__gnu_cxx12_Lock_policyE2EE14_M_get_deleterERKSt9type_info>:
   0:	push   %rbp
   1:	push   %rbx
   2:	mov    %rdi,%rbx
   5:	sub    $0x8,%rsp
   9:	mov    0x8(%rsi),%rdi
   d:	lea    0x0(%rip),%rsi        # 14 <_ZNSt19_Sp_counted_deleterIP17iree_hal_status_sN4iree3hal13StatusDeleterESaIvELN9__gnu_cxx12_Lock_policyE2EE14_M_get_deleterERKSt9type_info+0x14>
  14:	cmp    %rsi,%rdi
  17:	je     29 <_ZNSt19_Sp_counted_deleterIP17iree_hal_status_sN4iree3hal13StatusDeleterESaIvELN9__gnu_cxx12_Lock_policyE2EE14_M_get_deleterERKSt9type_info+0x29>
  19:	xor    %ebp,%ebp
  1b:	cmpb   $0x2a,(%rdi)
  1e:	je     2d <_ZNSt19_Sp_counted_deleterIP17iree_hal_status_sN4iree3hal13StatusDeleterESaIvELN9__gnu_cxx12_Lock_policyE2EE14_M_get_deleterERKSt9type_info+0x2d>
  20:	call   25 <_ZNSt19_Sp_counted_deleterIP17iree_hal_status_sN4iree3hal13StatusDeleterESaIvELN9__gnu_cxx12_Lock_policyE2EE14_M_get_deleterERKSt9type_info+0x25>
  25:	test   %eax,%eax
  27:	jne    2d <_ZNSt19_Sp_counted_deleterIP17iree_hal_status_sN4iree3hal13StatusDeleterESaIvELN9__gnu_cxx12_Lock_policyE2EE14_M_get_deleterERKSt9type_info+0x2d>
  29:	lea    0x10(%rbx),%rbp
  2d:	add    $0x8,%rsp
  31:	mov    %rbp,%rax
  34:	pop    %rbx
  35:	pop    %rbp
  36:	ret

Disassembly of section .text._ZN4iree3hal13make_status_vE15iree_hal_code_ePKcP13__va_list_tag:

0000000000000000 <_ZN4iree3hal13make_status_vE15iree_hal_code_ePKcP13__va_list_tag>:
   0:	push   %r15
   2:	push   %r14
   4:	mov    %rsi,%r14
   7:	push   %r13
   9:	mov    %rdx,%r13
   c:	push   %r12
   e:	mov    %edi,%r12d
  11:	xor    %edi,%edi
  13:	push   %rbp
  14:	push   %rbx
  15:	sub    $0x28,%rsp
  19:	movdqu (%rdx),%xmm0
  1d:	lea    0x8(%rsp),%rcx
  22:	movups %xmm0,0x8(%rsp)
  27:	mov    0x10(%rdx),%rax
  2b:	mov    %rsi,%rdx
  2e:	xor    %esi,%esi
  30:	mov    %rax,0x18(%rsp)
  35:	call   3a <_ZN4iree3hal13make_status_vE15iree_hal_code_ePKcP13__va_list_tag+0x3a>
  3a:	xor    %edx,%edx
  3c:	test   %eax,%eax
  3e:	cmovs  %edx,%eax
  41:	movslq %eax,%rbx
  44:	lea    0x19(%rbx),%rdi
  48:	call   4d <_ZN4iree3hal13make_status_vE15iree_hal_code_ePKcP13__va_list_tag+0x4d>
  4d:	test   %rax,%rax
  50:	je     94 <_ZN4iree3hal13make_status_vE15iree_hal_code_ePKcP13__va_list_tag+0x94>
  52:	movb   $0x0,0x18(%rax)
  56:	lea    0x18(%rax),%r15
  5a:	lea    0x1(%rbx),%rsi
  5e:	mov    %r13,%rcx
  61:	mov    %r14,%rdx
  64:	mov    %r15,%rdi
  67:	mov    %rax,%rbp
  6a:	call   6f <_ZN4iree3hal13make_status_vE15iree_hal_code_ePKcP13__va_list_tag+0x6f>
  6f:	lea    0x0(%rip),%rax        # 76 <_ZN4iree3hal13make_status_vE15iree_hal_code_ePKcP13__va_list_tag+0x76>
  76:	mov    %r12d,0x0(%rbp)
  7a:	mov    %r15,0x8(%rbp)
  7e:	mov    %rax,0x10(%rbp)
  82:	add    $0x28,%rsp
  86:	mov    %rbp,%rax
  89:	pop    %rbx
  8a:	pop    %rbp
  8b:	pop    %r12
  8d:	pop    %r13
  8f:	pop    %r14
  91:	pop    %r15
  93:	ret
  94:	lea    0x0(%rip),%rbp        # 9b <_ZN4iree3hal13make_status_vE15iree_hal_code_ePKcP13__va_list_tag+0x9b>
  9b:	jmp    82 <_ZN4iree3hal13make_status_vE15iree_hal_code_ePKcP13__va_list_tag+0x82>

Disassembly of section .text.unlikely._ZN4iree3hal11make_statusE15iree_hal_code_ePKcz:

0000000000000000 <_ZN4iree3hal11make_statusE15iree_hal_code_ePKcz>:
   0:	sub    $0xd8,%rsp
   7:	mov    %rdx,0x30(%rsp)
   c:	mov    %rcx,0x38(%rsp)
  11:	mov    %r8,0x40(%rsp)
  16:	mov    %r9,0x48(%rsp)
  1b:	test   %al,%al
  1d:	je     56 <_ZN4iree3hal11make_statusE15iree_hal_code_ePKcz+0x56>
  1f:	movaps %xmm0,0x50(%rsp)
  24:	movaps %xmm1,0x60(%rsp)
  29:	movaps %xmm2,0x70(%rsp)
  2e:	movaps %xmm3,0x80(%rsp)
  36:	movaps %xmm4,0x90(%rsp)
  3e:	movaps %xmm5,0xa0(%rsp)
  46:	movaps %xmm6,0xb0(%rsp)
  4e:	movaps %xmm7,0xc0(%rsp)
  56:	lea    0xe0(%rsp),%rax
  5e:	lea    0x8(%rsp),%rdx
  63:	movl   $0x10,0x8(%rsp)
  6b:	mov    %rax,0x10(%rsp)
  70:	lea    0x20(%rsp),%rax
  75:	movl   $0x30,0xc(%rsp)
  7d:	mov    %rax,0x18(%rsp)
  82:	call   87 <_ZN4iree3hal11make_statusE15iree_hal_code_ePKcz+0x87>
  87:	add    $0xd8,%rsp
  8e:	ret

Disassembly of section .text._ZN4iree3hal5ErrorC2EP17iree_hal_status_s:

0000000000000000 <_ZN4iree3hal5ErrorC1EP17iree_hal_status_s>:
   0:	push   %rbp
   1:	lea    0x0(%rip),%rax        # 8 <_ZN4iree3hal5ErrorC1EP17iree_hal_status_s+0x8>
   8:	mov    %rsi,%rbp
   b:	push   %rbx
   c:	mov    %rdi,%rbx
   f:	sub    $0x8,%rsp
  13:	mov    %rax,(%rdi)
  16:	mov    %rsi,0x8(%rdi)
  1a:	movq   $0x0,0x10(%rdi)
  22:	mov    $0x18,%edi
  27:	call   2c <_ZN4iree3hal5ErrorC1EP17iree_hal_status_s+0x2c>
  2c:	mov    0x0(%rip),%rdx        # 33 <_ZN4iree3hal5ErrorC1EP17iree_hal_status_s+0x33>
  33:	lea    0x0(%rip),%rcx        # 3a <_ZN4iree3hal5ErrorC1EP17iree_hal_status_s+0x3a>
  3a:	mov    %rbp,0x10(%rax)
  3e:	mov    %rcx,(%rax)
  41:	mov    %rdx,0x8(%rax)
  45:	mov    %rax,0x10(%rbx)
  49:	add    $0x8,%rsp
  4d:	pop    %rbx
  4e:	pop    %rbp
  4f:	ret
  50:	mov    %rax,%rdi
  53:	call   58 <_ZN4iree3hal5ErrorC1EP17iree_hal_status_s+0x58>
  58:	test   %rbp,%rbp
  5b:	je     63 <_ZN4iree3hal5ErrorC1EP17iree_hal_status_s+0x63>
  5d:	mov    %rbp,%rdi
  60:	call   *0x10(%rbp)
  63:	call   68 <_ZN4iree3hal5ErrorC1EP17iree_hal_status_s+0x68>
  68:	mov    %rax,%rbp
  6b:	call   70 <_ZN4iree3hal5ErrorC1EP17iree_hal_status_s+0x70>
  70:	mov    %rbx,%rdi
  73:	call   78 <_ZN4iree3hal5ErrorC1EP17iree_hal_status_s+0x78>
  78:	mov    %rbp,%rdi
  7b:	call   80 <.LC30+0x30>

Disassembly of section .text._ZNSt16_Sp_counted_baseILN9__gnu_cxx12_Lock_policyE2EE24_M_release_last_use_coldEv:

0000000000000000 <_ZNSt16_Sp_counted_baseILN9__gnu_cxx12_Lock_policyE2EE24_M_release_last_use_coldEv>:
   0:	push   %rbx
   1:	mov    (%rdi),%rax
   4:	mov    %rdi,%rbx
   7:	call   *0x10(%rax)
   a:	mov    0x0(%rip),%rax        # 11 <_ZNSt16_Sp_counted_baseILN9__gnu_cxx12_Lock_policyE2EE24_M_release_last_use_coldEv+0x11>
  11:	cmpb   $0x0,(%rax)
  14:	je     40 <_ZNSt16_Sp_counted_baseILN9__gnu_cxx12_Lock_policyE2EE24_M_release_last_use_coldEv+0x40>
  16:	mov    0xc(%rbx),%eax
  19:	lea    -0x1(%rax),%edx
  1c:	mov    %edx,0xc(%rbx)
  1f:	cmp    $0x1,%eax
  22:	je     30 <_ZNSt16_Sp_counted_baseILN9__gnu_cxx12_Lock_policyE2EE24_M_release_last_use_coldEv+0x30>
  24:	pop    %rbx
  25:	ret
  26:	cs nopw 0x0(%rax,%rax,1)
  30:	mov    (%rbx),%rax
  33:	mov    %rbx,%rdi
  36:	pop    %rbx
  37:	mov    0x18(%rax),%rax
  3b:	jmp    *%rax
  3d:	nopl   (%rax)
  40:	mov    $0xffffffff,%eax
  45:	lock xadd %eax,0xc(%rbx)
  4a:	jmp    1f <_ZNSt16_Sp_counted_baseILN9__gnu_cxx12_Lock_policyE2EE24_M_release_last_use_coldEv+0x1f>

Disassembly of section .text._ZN4iree3hal5ErrorD2Ev:

0000000000000000 <_ZN4iree3hal5ErrorD1Ev>:
   0:	push   %rbp
   1:	lea    0x0(%rip),%rax        # 8 <_ZN4iree3hal5ErrorD1Ev+0x8>
   8:	push   %rbx
   9:	mov    %rdi,%rbx
   c:	sub    $0x8,%rsp
  10:	mov    0x10(%rdi),%rbp
  14:	mov    %rax,(%rdi)
  17:	test   %rbp,%rbp
  1a:	je     4d <_ZN4iree3hal5ErrorD1Ev+0x4d>
  1c:	mov    0x8(%rbp),%rdx
  20:	lea    0x8(%rbp),%rcx
  24:	movabs $0x100000001,%rax
  2e:	cmp    %rax,%rdx
  31:	je     60 <_ZN4iree3hal5ErrorD1Ev+0x60>
  33:	mov    0x0(%rip),%rax        # 3a <_ZN4iree3hal5ErrorD1Ev+0x3a>
  3a:	cmpb   $0x0,(%rax)
  3d:	je     90 <_ZN4iree3hal5ErrorD1Ev+0x90>
  3f:	mov    0x8(%rbp),%eax
  42:	lea    -0x1(%rax),%edx
  45:	mov    %edx,0x8(%rbp)
  48:	cmp    $0x1,%eax
  4b:	je     a0 <_ZN4iree3hal5ErrorD1Ev+0xa0>
  4d:	add    $0x8,%rsp
  51:	mov    %rbx,%rdi
  54:	pop    %rbx
  55:	pop    %rbp
  56:	jmp    5b <_ZN4iree3hal5ErrorD1Ev+0x5b>
  5b:	nopl   0x0(%rax,%rax,1)
  60:	mov    0x0(%rbp),%rax
  64:	mov    %rbp,%rdi
  67:	movq   $0x0,0x8(%rbp)
  6f:	call   *0x10(%rax)
  72:	mov    0x0(%rbp),%rax
  76:	mov    %rbp,%rdi
  79:	call   *0x18(%rax)
  7c:	add    $0x8,%rsp
  80:	mov    %rbx,%rdi
  83:	pop    %rbx
  84:	pop    %rbp
  85:	jmp    8a <_ZN4iree3hal5ErrorD1Ev+0x8a>
  8a:	nopw   0x0(%rax,%rax,1)
  90:	mov    $0xffffffff,%eax
  95:	lock xadd %eax,(%rcx)
  99:	jmp    48 <_ZN4iree3hal5ErrorD1Ev+0x48>
  9b:	nopl   0x0(%rax,%rax,1)
  a0:	mov    %rbp,%rdi
  a3:	call   a8 <_ZN4iree3hal5ErrorD1Ev+0xa8>
  a8:	jmp    4d <_ZN4iree3hal5ErrorD1Ev+0x4d>

Disassembly of section .text._ZN4iree3hal5ErrorD0Ev:

0000000000000000 <_ZN4iree3hal5ErrorD0Ev>:
   0:	push   %rbp
   1:	lea    0x0(%rip),%rax        # 8 <_ZN4iree3hal5ErrorD0Ev+0x8>
   8:	push   %rbx
   9:	mov    %rdi,%rbx
   c:	sub    $0x8,%rsp
  10:	mov    0x10(%rdi),%rbp
  14:	mov    %rax,(%rdi)
  17:	test   %rbp,%rbp
  1a:	je     4d <_ZN4iree3hal5ErrorD0Ev+0x4d>
  1c:	mov    0x8(%rbp),%rdx
  20:	lea    0x8(%rbp),%rcx
  24:	movabs $0x100000001,%rax
  2e:	cmp    %rax,%rdx
  31:	je     70 <_ZN4iree3hal5ErrorD0Ev+0x70>
  33:	mov    0x0(%rip),%rax        # 3a <_ZN4iree3hal5ErrorD0Ev+0x3a>
  3a:	cmpb   $0x0,(%rax)
  3d:	je     90 <_ZN4iree3hal5ErrorD0Ev+0x90>
  3f:	mov    0x8(%rbp),%eax
  42:	lea    -0x1(%rax),%edx
  45:	mov    %edx,0x8(%rbp)
  48:	cmp    $0x1,%eax
  4b:	je     a0 <_ZN4iree3hal5ErrorD0Ev+0xa0>
  4d:	mov    %rbx,%rdi
  50:	call   55 <_ZN4iree3hal5ErrorD0Ev+0x55>
  55:	add    $0x8,%rsp
  59:	mov    %rbx,%rdi
  5c:	mov    $0x18,%esi
  61:	pop    %rbx
  62:	pop    %rbp
  63:	jmp    68 <_ZN4iree3hal5ErrorD0Ev+0x68>
  68:	nopl   0x0(%rax,%rax,1)
  70:	mov    0x0(%rbp),%rax
  74:	mov    %rbp,%rdi
  77:	movq   $0x0,0x8(%rbp)
  7f:	call   *0x10(%rax)
  82:	mov    0x0(%rbp),%rax
  86:	mov    %rbp,%rdi
  89:	call   *0x18(%rax)
  8c:	jmp    4d <_ZN4iree3hal5ErrorD0Ev+0x4d>
  8e:	xchg   %ax,%ax
  90:	mov    $0xffffffff,%eax
  95:	lock xadd %eax,(%rcx)
  99:	jmp    48 <_ZN4iree3hal5ErrorD0Ev+0x48>
  9b:	nopl   0x0(%rax,%rax,1)
  a0:	mov    %rbp,%rdi
  a3:	call   a8 <_ZN4iree3hal5ErrorD0Ev+0xa8>
  a8:	jmp    4d <_ZN4iree3hal5ErrorD0Ev+0x4d>
