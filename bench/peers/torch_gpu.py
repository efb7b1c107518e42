# Products and steps of the tutorial by PyTorch on CUDA, eager: the peer of ../gpu_card.ts.
import time, torch
from torch import nn
print(torch.__version__, torch.cuda.get_device_name(0))
def net():
    return nn.Sequential(nn.Conv2d(1,16,5,padding=2),nn.ReLU(),nn.MaxPool2d(2),nn.Conv2d(16,32,5,padding=2),nn.ReLU(),nn.MaxPool2d(2),nn.Flatten(),nn.Linear(1568,10)).cuda()
for tf32 in (False, True):
    torch.backends.cuda.matmul.allow_tf32 = tf32; torch.backends.cudnn.allow_tf32 = tf32
    for n in (1024, 4096):
        a=torch.randn(n,n,device='cuda'); b=torch.randn(n,n,device='cuda')
        for _ in range(3): a@b
        torch.cuda.synchronize(); s=time.perf_counter()
        for _ in range(10): a@b
        torch.cuda.synchronize(); t=(time.perf_counter()-s)/10
        print(f"tf32={tf32} matmul {n}: {t*1e3:.3f} ms {2*n**3/t/1e9:.0f} GFLOP/s")
    for batch in (150, 1024, 4096):
        m=net(); o=torch.optim.Adam(m.parameters(),lr=1e-3); xh=torch.rand(batch,1,28,28); yh=torch.arange(batch)%10
        ts=[]
        for i in range(60):
            s=time.perf_counter(); x=xh.cuda(); y=yh.cuda(); o.zero_grad(); l=nn.functional.cross_entropy(m(x),y); l.backward(); o.step(); l.item(); ts.append(time.perf_counter()-s)
        ts=sorted(ts[10:]); print(f"tf32={tf32} step batch {batch}: median {ts[len(ts)//2]*1e3:.2f} ms")
